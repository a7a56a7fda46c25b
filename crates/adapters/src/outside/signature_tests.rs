//! Keys and signatures here were made by OpenSSL 3, which shares no code with what checks them:
//! `openssl dgst -sha256 -sign ec.pem artifact | base64`, `openssl pkeyutl -sign -rawin -inkey ed.pem -in artifact | base64`.

use std::fs;

use super::*;

const ARTIFACT: &str = "the artifact of v2\n";
const DIGEST: &str = "sha256:8944271a7521cc79324d72c5d5cb761d428fdeaae13bde0601e41b733d5e7709";
const EC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE0NH5vviOdgYnSirTe4VsrgImUCDP
XmBiI6zUbscC/FY8o0Qw0/RgcNQUuEklzMWpRlMgsT5mh3B7PrgNYovEnA==
-----END PUBLIC KEY-----
";
const EC_SIGNATURE: &str =
    "MEUCID5D/Umkf4F4aHufgHvDLDdMOxDRMu18bO7FKsjQeHcpAiEAvYLGJ9bLP8M1sVmoX27ZIs7a/b0UILwOvLP0bFuZeYw=";
const ED_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MCowBQYDK2VwAyEA2JvZMXr0hiRvVx1OTJfGUsXnJzjebILJYnZ0j6lQg9A=
-----END PUBLIC KEY-----
";
const ED_SIGNATURE: &str =
    "HO5cAtH//6XkbGDWqXZFbINI8obYsy97pqpoyJ4PT2vmnfXp09K2PGHpQPHkl6IuKigKMoJCHVxMPZB4XqAyAw==";
const OTHER_EC_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEZvYuw2/Dwsua/ycY5JyVTUgFk2dd
vGBokn6xjaHiKWIs6ocMJnvlPqdUfhFun177KmEZn4+HJlqYB/oZTfXFJw==
-----END PUBLIC KEY-----
";
const P384_KEY: &str = "\
-----BEGIN PUBLIC KEY-----
MHYwEAYHKoZIzj0CAQYFK4EEACIDYgAEFluGkUeCz9J/xO7wC3bx9cKBwm52NYAf
sSCL2Tbn58H52zGunkwjjoMZ5uMuTEqkf8cETemwbY5DTlsMdWzq/QrifixqKQ8x
tZXjEDYGkZtuvQ2teW0++z85OD8VOxCi
-----END PUBLIC KEY-----
";

struct Files(tempfile::TempDir);

impl Files {
    fn new(artifact: impl AsRef<[u8]>, signature: impl AsRef<[u8]>, key: &str) -> Self {
        let files = Self(tempfile::tempdir().unwrap());
        fs::write(files.0.path().join("artifact"), artifact).unwrap();
        fs::write(files.0.path().join("sig"), signature).unwrap();
        fs::write(files.0.path().join("key"), key).unwrap();
        files
    }

    fn verify(&self) -> Result<Verified, SignatureTrouble> {
        let path = |name: &str| self.0.path().join(name);
        verify(&path("artifact"), &path("sig"), &path("key"))
    }
}

#[test]
fn what_openssl_signed_holds_in_base64_and_raw() {
    for (key, signature, kind) in [(EC_KEY, EC_SIGNATURE, "ECDSA P-256"), (ED_KEY, ED_SIGNATURE, "Ed25519")] {
        let expected = Verified { kind, digest: DIGEST.to_owned() };
        assert_eq!(Files::new(ARTIFACT, signature, key).verify().unwrap(), expected);
        let lines = format!("{}\n{}\n", &signature[..40], &signature[40..]);
        assert_eq!(Files::new(ARTIFACT, lines, key).verify().unwrap(), expected);
        let raw = BASE64_STANDARD.decode(signature).unwrap();
        assert_eq!(Files::new(ARTIFACT, raw, key).verify().unwrap(), expected);
    }
}

#[test]
fn one_changed_byte_anywhere_and_another_key_do_not_hold() {
    for (key, signature) in [(EC_KEY, EC_SIGNATURE), (ED_KEY, ED_SIGNATURE)] {
        for at in 0..ARTIFACT.len() {
            let mut artifact = ARTIFACT.as_bytes().to_vec();
            artifact[at] ^= 1;
            let trouble = Files::new(artifact, signature, key).verify().unwrap_err();
            assert!(matches!(trouble, SignatureTrouble::Wrong), "{trouble}");
        }
        let raw = BASE64_STANDARD.decode(signature).unwrap();
        for at in 0..raw.len() {
            let mut raw = raw.clone();
            raw[at] ^= 1;
            let trouble = Files::new(ARTIFACT, raw, key).verify().unwrap_err();
            assert!(
                matches!(trouble, SignatureTrouble::Wrong | SignatureTrouble::NotASignature { .. }),
                "{trouble}"
            );
        }
    }
    let trouble = Files::new(ARTIFACT, EC_SIGNATURE, OTHER_EC_KEY).verify().unwrap_err();
    assert!(matches!(trouble, SignatureTrouble::Wrong), "{trouble}");
}

#[test]
fn what_is_no_key_and_no_signature_is_named_with_its_file() {
    for key in ["", "hunter2", P384_KEY, &EC_KEY.replace("MFkw", "AAAA")] {
        let trouble = Files::new(ARTIFACT, EC_SIGNATURE, key).verify().unwrap_err();
        assert!(matches!(trouble, SignatureTrouble::NotAKey { .. }), "{trouble}");
        assert!(trouble.to_string().contains("/key is not a public key"), "{trouble}");
    }
    for (key, signature) in
        [(EC_KEY, ""), (EC_KEY, "hunter2"), (EC_KEY, ED_SIGNATURE), (ED_KEY, EC_SIGNATURE)]
    {
        let trouble = Files::new(ARTIFACT, signature, key).verify().unwrap_err();
        assert!(matches!(trouble, SignatureTrouble::NotASignature { .. }), "{trouble}");
    }
    let long = "A".repeat(20_000);
    let trouble = Files::new(ARTIFACT, long, EC_KEY).verify().unwrap_err();
    assert!(trouble.to_string().contains("larger than 16384 bytes"), "{trouble}");
}

#[test]
fn missing_files_are_told_apart() {
    for (name, what) in [("artifact", "artifact"), ("sig", "signature"), ("key", "public key")] {
        let files = Files::new(ARTIFACT, EC_SIGNATURE, EC_KEY);
        fs::remove_file(files.0.path().join(name)).unwrap();
        let trouble = files.verify().unwrap_err();
        assert!(trouble.to_string().starts_with(&format!("there is no {what} at ")), "{trouble}");
        fs::create_dir(files.0.path().join(name)).unwrap();
        assert!(files.verify().unwrap_err().to_string().contains("it is not a file"));
    }
}

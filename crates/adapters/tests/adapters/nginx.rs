//! router/nginx against a real nginx.

use std::fs;

use ripcord_adapters::{
    port::{AdapterError, Router},
    router,
};
use ripcord_engine::{Generation, Weights};
use ripcord_model::blueprint::{NginxRouter, RouterBinding};

use crate::{
    conformance::router::{Rig, split, suite},
    support::{context, nginx::Nginx, service::Service, traffic, version},
};

fn connect(directory: &std::path::Path, binding: NginxRouter) -> Box<dyn Router> {
    router::connect(&RouterBinding::Nginx(binding), &context(directory))
}

async fn rig(directory: &std::path::Path) -> (Nginx, Rig) {
    let nginx = Nginx::start(directory).await;
    nginx.add_what_the_documentation_says();
    let router = connect(directory, nginx.binding());
    let rig = Rig::new(router, nginx.address, true);
    (nginx, rig)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_does_what_every_router_must() {
    let directory = tempfile::tempdir().unwrap();
    let (_nginx, rig) = rig(directory.path()).await;
    suite(&rig).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_configuration_that_nginx_refuses_leaves_the_old_one_in_force() {
    let directory = tempfile::tempdir().unwrap();
    let (nginx, rig) = rig(directory.path()).await;
    rig.apply(1, 0).await.unwrap();
    let (good_main, good_split) =
        (fs::read(nginx.configuration()).unwrap(), fs::read(nginx.split()).unwrap());

    let mut broken = good_main.clone();
    broken.extend_from_slice(b"no_such_directive on;\n");
    fs::write(nginx.configuration(), broken).unwrap();
    let refused = rig.apply(2, 50).await.unwrap_err();
    assert!(
        matches!(&refused, AdapterError::Permanent(text) if text.contains("no_such_directive") && text.contains("refused")),
        "{refused}"
    );
    assert_eq!(fs::read(nginx.split()).unwrap(), good_split, "the old split is back");
    assert_eq!(rig.in_force().await, Some((Generation(1), split(0))));
    assert_eq!(traffic::sample(nginx.address, 20).get("v1"), Some(&20));

    fs::write(nginx.configuration(), good_main).unwrap();
    rig.apply(2, 50).await.unwrap();
    assert_eq!(rig.in_force().await, Some((Generation(2), split(50))));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_change_interrupted_before_its_test_is_undone() {
    let directory = tempfile::tempdir().unwrap();
    let (nginx, rig) = rig(directory.path()).await;
    rig.apply(1, 0).await.unwrap();
    // What a crash between the rename and the end of `nginx -t` leaves behind.
    let mut previous = nginx.split().into_os_string();
    previous.push(".previous");
    fs::rename(nginx.split(), &previous).unwrap();
    fs::write(nginx.split(), "garbage {").unwrap();

    let after_restart = connect(directory.path(), nginx.binding());
    assert_eq!(after_restart.read_back().await.unwrap(), Some((Generation(1), split(0))));
    rig.apply(2, 100).await.unwrap();
    assert!(!std::path::Path::new(&previous).exists());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn open_requests_of_a_withdrawn_version_are_waited_for() {
    let directory = tempfile::tempdir().unwrap();
    let (nginx, rig) = rig(directory.path()).await;
    rig.apply(1, 100).await.unwrap();
    let address = nginx.address;
    let before = rig.v2.answered();
    let slow = std::thread::spawn(move || traffic::Connection::open(address).unwrap().ask("/slow"));
    crate::support::eventually("the slow request has arrived", || rig.v2.answered() > before).await;
    rig.apply(2, 0).await.unwrap();
    assert!(slow.is_finished(), "the withdrawal was reported while a request was open");
    assert_eq!(slow.join().unwrap().unwrap(), "v2", "and that request was answered to its end");
}

#[tokio::test]
async fn a_missing_nginx_is_named_with_what_to_do() {
    let directory = tempfile::tempdir().unwrap();
    let binding = NginxRouter {
        split: "split.conf".into(),
        test: "no-nginx-here -t".into(),
        reload: "no-nginx-here -s reload".into(),
        probe: "http://127.0.0.1:9/".into(),
        key: "$remote_addr".into(),
        drain: ripcord_model::Duration::ZERO,
    };
    let service = Service::start("v1");
    let weights = Weights::all_to(&version("v1"));
    let error = connect(directory.path(), binding)
        .apply(Generation(1), &weights, &[service.instance()])
        .await
        .unwrap_err();
    assert!(
        matches!(&error, AdapterError::Permanent(text) if text.contains("apt-get install nginx")),
        "{error}"
    );
    let left: Vec<_> =
        fs::read_dir(directory.path()).unwrap().flatten().map(|entry| entry.file_name()).collect();
    assert_eq!(left, [".ripcord"], "nothing is left of the split");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_dead_nginx_fails_the_effect_and_may_be_tried_again() {
    let directory = tempfile::tempdir().unwrap();
    let (nginx, rig) = rig(directory.path()).await;
    rig.apply(1, 0).await.unwrap();
    drop(nginx);
    let error = rig.apply(2, 0).await.unwrap_err();
    assert!(matches!(&error, AdapterError::Transient(text) if text.contains("is it running?")), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_location_without_the_headers_cannot_be_read_back_and_says_which_line_is_missing() {
    let directory = tempfile::tempdir().unwrap();
    let (nginx, rig) = rig(directory.path()).await;
    let text = fs::read_to_string(nginx.configuration()).unwrap();
    fs::write(nginx.configuration(), text.replace("add_header x-ripcord-generation", "add_header x-other"))
        .unwrap();
    let error = rig.apply(1, 0).await.unwrap_err();
    assert!(error.to_string().contains("add_header x-ripcord-generation"), "{error}");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn long_and_odd_version_names_fit_into_nginx() {
    let directory = tempfile::tempdir().unwrap();
    let (nginx, rig) = rig(directory.path()).await;
    let (long, odd) = ("v".repeat(128), "V1_2+g3-a.b");
    let name = |text: &str| version(text);
    let weights = Weights::split(&name(&long), ripcord_model::Share::percent(50), &name(odd));
    let mut instances = [rig.v1.instance(), rig.v2.instance()];
    (instances[0].version, instances[1].version) = (name(&long), name(odd));
    rig.router.apply(Generation(1), &weights, &instances).await.unwrap();
    assert_eq!(traffic::sample(nginx.address, 100).len(), 2, "both answer");
}

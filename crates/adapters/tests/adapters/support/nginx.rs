//! A real nginx in a directory of its own, configured with exactly the text of `docs/nginx.md`.

use std::{
    fs,
    net::SocketAddr,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use ripcord_model::{Duration, blueprint::NginxRouter};

/// A running nginx, killed when dropped.
pub struct Nginx {
    directory: PathBuf,
    pub address: SocketAddr,
    master: Child,
}

impl Nginx {
    /// Starts nginx as it is before Ripcord came: it answers, and knows nothing of versions.
    pub async fn start(directory: &Path) -> Self {
        let address = SocketAddr::from(([127, 0, 0, 1], super::free_port()));
        let configuration = directory.join("nginx.conf");
        let http = format!("http {{\n server {{ listen {address}; return 503; }}\n}}\n");
        fs::write(&configuration, frame(directory, &http)).unwrap();
        let master = Command::new("nginx")
            .args([
                "-p",
                directory.to_str().unwrap(),
                "-c",
                configuration.to_str().unwrap(),
                "-g",
                "daemon off;",
            ])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: apt-get install nginx");
        let nginx = Self { directory: directory.to_owned(), address, master };
        super::eventually("nginx listens", || std::net::TcpStream::connect(address).is_ok()).await;
        nginx
    }

    /// Writes what `docs/nginx.md` tells the user to write, and does not reload.
    pub fn add_what_the_documentation_says(&self) {
        let page = include_str!("../../../../../docs/nginx.md");
        let text = page.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        for line in ["listen 80;", "include /srv/exams/conf/exams-split.conf;"] {
            assert!(text.contains(line), "docs/nginx.md lost `{line}`");
        }
        let text = text
            .replace("listen 80;", &format!("listen {};", self.address))
            .replace("/srv/exams/conf/exams-split.conf", self.split().to_str().unwrap());
        fs::write(self.configuration(), frame(&self.directory, &text)).unwrap();
    }

    pub fn configuration(&self) -> PathBuf {
        self.directory.join("nginx.conf")
    }

    pub fn split(&self) -> PathBuf {
        self.directory.join("exams-split.conf")
    }

    pub fn binding(&self) -> NginxRouter {
        let nginx = format!("nginx -p {0} -c {0}/nginx.conf", self.directory.display());
        NginxRouter {
            split: "exams-split.conf".into(),
            test: format!("{nginx} -t"),
            reload: format!("{nginx} -s reload"),
            probe: format!("http://{}/healthz", self.address),
            // Every request is drawn anew, so that a test sees shares.
            key: "$request_id".into(),
            drain: Duration::from_secs(5),
        }
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, so that the master takes its workers with it.
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.master.id()).unwrap()).unwrap();
        let _ = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ = self.master.wait();
    }
}

fn frame(directory: &Path, http: &str) -> String {
    let directory = directory.display();
    let http = http.replacen(
        "http {",
        &format!(
            "http {{\n access_log off;\n client_body_temp_path {directory}/body;\n proxy_temp_path {directory}/proxy;\n \
             fastcgi_temp_path {directory}/f;\n uwsgi_temp_path {directory}/u;\n scgi_temp_path {directory}/s;\n"
        ),
        1,
    );
    format!(
        "worker_processes 2;\npid {directory}/nginx.pid;\nerror_log {directory}/error.log;\n\
         events {{ worker_connections 256; }}\n{http}"
    )
}

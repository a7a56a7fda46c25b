//! A real nginx, configured with exactly the text of `docs/nginx.md`.

use std::{
    fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::Stdio,
};

use rustix::process::Signal;
use tokio::process::{Child, Command};

use super::{eventually, processes};

/// A running nginx, ended when dropped.
pub struct Nginx {
    directory: PathBuf,
    address: SocketAddr,
    master: Child,
}

/// `router:` for an nginx that lives in `nginx/` of the root.
pub fn router(address: SocketAddr) -> String {
    let nginx = "nginx -p nginx -c nginx.conf -g 'daemon off;'";
    // One user stays on one version, whatever connection they come by.
    format!(
        "nginx: {{ split: conf/exams-split.conf, test: \"{nginx} -t\", reload: \"{nginx} -s reload\", \
         probe: \"http://{address}/healthz/ready\", key: $http_x_user, drain: 2s }}"
    )
}

impl Nginx {
    /// Starts nginx as it is before Ripcord comes, then writes what the documentation tells the user to write.
    pub async fn start(root: &Path, address: SocketAddr) -> Self {
        let directory = root.join("nginx");
        fs::create_dir_all(&directory).unwrap();
        let before = format!("http {{\n server {{ listen {address}; return 503; }}\n}}\n");
        fs::write(directory.join("nginx.conf"), frame(&directory, &before)).unwrap();
        let log = fs::File::create(directory.join("output.log")).unwrap();
        let master = Command::new("nginx")
            .args(["-p", "nginx", "-c", "nginx.conf", "-g", "daemon off;"])
            .current_dir(root)
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .expect("nginx is installed: apt-get install nginx");
        let nginx = Self { directory, address, master };
        eventually("nginx listens", || TcpStream::connect(address).is_ok()).await;
        nginx.write_what_the_documentation_says(root);
        nginx
    }

    fn write_what_the_documentation_says(&self, root: &Path) {
        let page = include_str!("../../../../../docs/nginx.md");
        let text = page.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let (listen, split) = ("listen 80;", "/srv/exams/conf/exams-split.conf");
        assert!(text.contains(listen) && text.contains(split), "docs/nginx.md has changed: {text}");
        let text = text
            .replace(listen, &format!("listen {};", self.address))
            .replace(split, root.join("conf/exams-split.conf").to_str().unwrap());
        fs::write(self.configuration(), frame(&self.directory, &text)).unwrap();
    }

    /// The user's own configuration file.
    pub fn configuration(&self) -> PathBuf {
        self.directory.join("nginx.conf")
    }

    /// Ends it, workers included.
    pub async fn stop(mut self) {
        self.terminate();
        let ended = tokio::time::timeout(super::PATIENCE, self.master.wait()).await;
        ended.expect("nginx ends in time").unwrap();
    }

    fn terminate(&self) {
        let pid = self.master.id().and_then(|pid| i32::try_from(pid).ok());
        // SIGTERM, so that the master takes its workers with it.
        pid.into_iter().for_each(|pid| processes::signal(pid, Signal::TERM));
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        self.terminate();
    }
}

/// Everything around `http { … }`, and what keeps nginx inside its directory.
fn frame(directory: &Path, http: &str) -> String {
    let directory = directory.display();
    let paths: String = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
        .iter()
        .map(|kind| format!(" {kind}_temp_path {directory}/{kind};\n"))
        .collect();
    let http = http.replacen("http {", &format!("http {{\n access_log off;\n{paths}"), 1);
    format!(
        "worker_processes 2;\npid {directory}/nginx.pid;\nerror_log {directory}/error.log;\n\
         events {{ worker_connections 256; }}\n{http}"
    )
}

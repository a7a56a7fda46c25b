//! A real nginx, configured as the documentation says.

use std::{
    fs,
    net::SocketAddr,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A running nginx, ended with its workers when dropped.
pub struct Nginx(Child);

impl Nginx {
    /// Starts nginx at `listen`, and then writes what a user writes before Ripcord comes.
    pub fn start(directory: &Path, listen: SocketAddr) -> Self {
        let configuration = directory.join("nginx.conf");
        let nothing_yet = format!("http {{\n server {{ listen {listen}; return 503; }}\n}}\n");
        fs::write(&configuration, frame(directory, &nothing_yet)).unwrap();
        let child = Command::new("nginx")
            .arg("-p")
            .arg(directory)
            .arg("-c")
            .arg(&configuration)
            .args(["-g", "daemon off;"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("nginx is installed: apt-get install nginx");
        let nginx = Self(child);
        let deadline = Instant::now() + Duration::from_secs(20);
        while std::net::TcpStream::connect(listen).is_err() {
            assert!(Instant::now() < deadline, "nginx never listened on {listen}");
            std::thread::sleep(Duration::from_millis(10));
        }
        let page = include_str!("../../../../docs/nginx.md");
        let text = page.split("```nginx\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
        let text = text
            .replace("listen 80;", &format!("listen {listen};"))
            .replace("/srv/exams/conf/exams-split.conf", directory.join("split.conf").to_str().unwrap());
        fs::write(&configuration, frame(directory, &text)).unwrap();
        nginx
    }

    /// The router of `ripcord.yaml`.
    pub fn router(directory: &Path, listen: SocketAddr) -> String {
        let nginx = format!("nginx -p {0} -c {0}/nginx.conf", directory.display());
        format!(
            "{{ nginx: {{ split: split.conf, test: \"{nginx} -t\", reload: \"{nginx} -s reload\", \
             probe: \"http://{listen}/live\", key: \"$request_id\", drain: 1s }} }}"
        )
    }
}

impl Drop for Nginx {
    fn drop(&mut self) {
        // SIGTERM, so that the master takes its workers with it.
        let pid = rustix::process::Pid::from_raw(i32::try_from(self.0.id()).unwrap()).unwrap();
        let _gone = rustix::process::kill_process(pid, rustix::process::Signal::TERM);
        let _ended = self.0.wait();
    }
}

fn frame(directory: &Path, http: &str) -> String {
    let directory = directory.display();
    let mut temporary = String::from("http {\n access_log off;\n");
    for kind in ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"] {
        temporary.push_str(&format!(" {kind}_temp_path {directory}/{kind};\n"));
    }
    let http = http.replacen("http {", &temporary, 1);
    format!(
        "worker_processes 1;\npid {directory}/nginx.pid;\nerror_log {directory}/error.log;\n\
         events {{ worker_connections 256; }}\n{http}"
    )
}

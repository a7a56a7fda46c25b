//! Promise 6, the adapters' part: whatever happens to the control plane, what it started goes on, traffic stays
//! where it was, and the next control plane finds everything again.

use rustix::process::{Pid, Signal};

use ripcord_engine::{Generation, Weights};

use crate::{
    edge, process,
    support::{artifact, eventually, fixture, free_port, traffic, version},
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_death_of_the_control_plane_and_of_its_terminal_changes_nothing() {
    let home = tempfile::tempdir().unwrap();
    let directory = home.path();
    std::fs::write(directory.join("listen"), format!("127.0.0.1:{}", free_port())).unwrap();
    fixture::write_ripcord(&directory.join("ripcord"));
    let users = fixture::listen_of(directory);

    let mut control_plane = fixture::control_plane(directory);
    eventually("the control plane has done its work", || directory.join("works").exists()).await;
    // A closing terminal signals the whole group; then kill -9, also to the whole group.
    let group = Pid::from_raw(i32::try_from(control_plane.id()).unwrap()).unwrap();
    let load = traffic::Load::start(users, 2);
    for signal in [Signal::HUP, Signal::KILL] {
        let _ = rustix::process::kill_process_group(group, signal);
    }
    control_plane.wait().unwrap();
    let answered = load.answered();
    eventually("users are answered on", || load.answered() > answered + 200).await;

    let workload = process::connect(directory, process::binding(fixture::service_command("ok")));
    let router = edge::connect(directory, users);
    let instances = workload.read_back().await.unwrap();
    assert_eq!(instances.len(), 1);
    let weights = Weights::all_to(&version("v1"));
    assert_eq!(router.read_back().await.unwrap(), Some((Generation(1), weights.clone())));
    assert_eq!(
        workload.ensure(Generation(2), &[artifact("v1")]).await.unwrap(),
        instances,
        "it is the same process"
    );
    assert_eq!(router.apply(Generation(2), &weights, &instances).await.unwrap(), weights);
    assert_eq!(load.stop(), 0, "no request failed");

    workload.ensure(Generation(3), &[]).await.unwrap();
    edge::kill(directory);
}

//! The loop around the screen: keys and statuses come in, frames and commands go out.

use std::time::Duration;

use ratatui::{
    DefaultTerminal,
    crossterm::event::{self, Event, KeyEvent},
};
use ripcord_engine::{Command, Status};
use ripcord_model::ReleaseName;
use ripcord_server::client::{Client, ClientError};
use tokio::sync::mpsc;

use super::{
    draw::draw,
    keys::Reaction,
    view::{Action, View},
};
use crate::{
    commands::Ended,
    context::Context,
    desk,
    failure::{CommandError, Exit},
    surroundings,
};

/// What wakes the screen.
enum Wake {
    Key(KeyEvent),
    Resized,
    Status(Box<Status>),
    Lost(String),
    Answer(Result<Box<Status>, String>),
}

/// How often a lost server is looked for.
const RETRY: Duration = Duration::from_millis(500);
const KEY_POLL: Duration = Duration::from_millis(100);

/// Shows `release` until the person leaves.
pub async fn run(context: &Context, client: Client, release: ReleaseName) -> Ended {
    // A name that does not exist is told before the screen is taken.
    client.release(&release).await.map_err(|error| desk::failure(context, error))?;
    let (sender, receiver) = mpsc::channel(64);
    let mut terminal = ratatui::try_init().map_err(|error| {
        CommandError::refused("no-terminal", "the terminal cannot be used for a live screen").because(error)
    })?;
    let keys = tokio::task::spawn_blocking({
        let sender = sender.clone();
        move || read_keys(&sender)
    });
    let statuses = tokio::spawn(follow(client.clone(), release.clone(), sender.clone()));
    let shown =
        show(&mut terminal, View::new(context.look.clone()), &client, &release, (sender, receiver)).await;
    ratatui::restore();
    statuses.abort();
    drop(keys);
    shown.map_err(|error| CommandError::refused("no-terminal", "the screen cannot be drawn").because(error))
}

async fn show(
    terminal: &mut DefaultTerminal,
    mut view: View,
    client: &Client,
    release: &ReleaseName,
    (sender, mut receiver): (mpsc::Sender<Wake>, mpsc::Receiver<Wake>),
) -> std::io::Result<Exit> {
    loop {
        terminal.draw(|frame| draw(frame, &view))?;
        let Some(wake) = receiver.recv().await else { break };
        match wake {
            Wake::Key(key) => match view.key(key) {
                Reaction::Redraw => {}
                Reaction::Quit => break,
                Reaction::Send { action, why } => {
                    view.notice = Some("sent …".to_owned());
                    tokio::spawn(send(client.clone(), release.clone(), action, why, sender.clone()));
                }
            },
            Wake::Resized => {}
            Wake::Status(status) => view.took(*status),
            Wake::Lost(reason) => view.lost(surroundings::now(), &reason),
            Wake::Answer(Ok(status)) => {
                view.notice = Some("done".to_owned());
                view.took(*status);
            }
            Wake::Answer(Err(reason)) => view.notice = Some(reason),
        }
    }
    Ok(view.status.as_ref().map_or(Exit::Done, desk::outcome))
}

/// Reads keys until nobody listens any more.
fn read_keys(sender: &mpsc::Sender<Wake>) {
    while !sender.is_closed() {
        let wake = match event::poll(KEY_POLL) {
            Ok(false) => continue,
            Ok(true) => event::read(),
            Err(_) => return,
        };
        let wake = match wake {
            Ok(Event::Key(key)) => Wake::Key(key),
            Ok(Event::Resize(_, _)) => Wake::Resized,
            Ok(Event::FocusGained | Event::FocusLost | Event::Mouse(_) | Event::Paste(_)) => continue,
            Err(_) => return,
        };
        if sender.blocking_send(wake).is_err() {
            return;
        }
    }
}

/// Hands on every status; looks for the server again when it is gone.
async fn follow(client: Client, release: ReleaseName, sender: mpsc::Sender<Wake>) {
    loop {
        let reason = match client.watch(&release).await {
            Err(error) => error.to_string(),
            Ok(mut watch) => loop {
                match watch.next().await {
                    Some(Ok(status)) => {
                        if sender.send(Wake::Status(Box::new(status))).await.is_err() {
                            return;
                        }
                    }
                    Some(Err(error)) => break error.to_string(),
                    // The release is over: what is shown is the last there is.
                    None => return,
                }
            },
        };
        if sender.send(Wake::Lost(reason)).await.is_err() {
            return;
        }
        tokio::time::sleep(RETRY).await;
    }
}

async fn send(client: Client, release: ReleaseName, action: Action, why: String, sender: mpsc::Sender<Wake>) {
    let command = match action {
        Action::Hold => Command::Hold { why },
        Action::Rollback => Command::Rollback { why, level: None },
    };
    let answer = client.command(&release, command).await.map(Box::new).map_err(|error| reason(&error));
    // The screen may have been left meanwhile.
    let _left = sender.send(Wake::Answer(answer)).await;
}

fn reason(error: &ClientError) -> String {
    error.to_string()
}

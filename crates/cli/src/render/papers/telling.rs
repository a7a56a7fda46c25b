//! Papers about messages, silences and alerts.

use ripcord_model::paper::{
    AlertLedTo, AlertReceived, MessageConfirmed, MessageFailed, MessageSent, SilencePlaced, SilenceRemoved,
};

use crate::render::words;

pub(super) fn sent(sent: &MessageSent) -> String {
    let cut = if sent.cut { ", cut" } else { "" };
    format!("told {} ({}) through {}: {}{cut}", sent.audience.word(), sent.status, sent.channel, sent.message)
}

pub(super) fn failed(failed: &MessageFailed) -> String {
    let end = if failed.gave_up { "given up" } else { "tried again" };
    format!("{} did not take {}, {end}: {}", failed.channel, failed.message, failed.reason)
}

pub(super) fn confirmed(confirmed: &MessageConfirmed) -> String {
    format!("confirmed that people outside are told ({}): {}", confirmed.status, confirmed.why)
}

pub(super) fn placed(placed: &SilencePlaced) -> String {
    format!("alerts silent through {} until {}", placed.channel, placed.until)
}

pub(super) fn removed(removed: &SilenceRemoved) -> String {
    let silences = words::counted(u64::from(removed.removed), "silence");
    format!("alerts heard again, {silences} removed through {}", removed.channel)
}

pub(super) fn alert(alert: &AlertReceived) -> String {
    let state = if alert.firing { "fires" } else { "has ended" };
    let count = if alert.count > 1 { format!(" ({} of it)", alert.count) } else { String::new() };
    let since = alert.since.time_of_day();
    let led_to = match &alert.led_to {
        AlertLedTo::Noted => "noted".to_owned(),
        AlertLedTo::Held => "the release holds".to_owned(),
        AlertLedTo::Lifted => "its hold is lifted".to_owned(),
        AlertLedTo::RolledBack => "the release goes back".to_owned(),
        AlertLedTo::Refused { why } => format!("not acted on: {why}"),
    };
    let truncated = match alert.truncated {
        0 => String::new(),
        left_out => format!("; Alertmanager left {} out", words::counted(left_out, "alert")),
    };
    format!("alert {}{count} {state}, since {since}: {led_to}{truncated}", alert.alert)
}

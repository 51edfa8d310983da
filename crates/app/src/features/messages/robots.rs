//! Robots of groups: 企业微信 and 钉钉 by their addresses. Off until somebody with `settings.edit` enters one; address and
//! secret are sealed under the office's key and never shown again. Who is in a group nobody knows: a case is named there
//! only when it is about nobody.

use super::model::{CaseFacts, Message, Posted};
use super::post::{self, Said};
use super::store::{self as rows, RobotRow};
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::crypto::Vault;
use crate::events::{self, Stream};
use crate::installation::Installation;
use crate::jobs::queue::ATTEMPTS_MOST;
use crate::jobs::{Fault, Job, Outcome, enqueue};
use crate::words::{Locale, Words};
use ::store::{Error, Result, Tx};
use hmac::{Hmac, KeyInit, Mac};
use kernel::{OfficeId, Refusal, Ts};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::Sha256;

/// The job that posts.
pub const JOB: &str = "messages.robot";
/// Kinds of robots.
pub const KINDS: [&str; 2] = ["wecom", "dingtalk"];
/// Robots of an office.
const ROBOTS_MOST: usize = 10;

/// What the job needs to know. Without a message it is a try-out.
#[derive(Clone, Copy, Debug, Serialize, Deserialize)]
pub struct Order {
    /// The robot.
    pub robot: i64,
    /// The message.
    pub message: Option<i64>,
}

/// A robot as the page shows it: never its address or secret.
#[derive(Clone, Debug)]
pub struct Robot {
    /// Its id.
    pub id: i64,
    /// One of [`KINDS`].
    pub kind: String,
    /// What the office calls it.
    pub name: String,
    /// Whether it is on.
    pub active: bool,
    /// Whether it signs.
    pub signs: bool,
    /// When it was used last, what came of it, and what the other side said.
    pub last: Option<(Ts, String, String)>,
    /// For the next change.
    pub version: i64,
}

fn bound(id: i64, part: &str) -> String {
    format!("message_robot.{id}.{part}")
}

/// The robots of the office.
///
/// # Errors
/// Forbidden without `settings.edit`.
pub fn list(tx: &mut Tx<'_>, cx: &Cx) -> Result<Vec<Robot>> {
    cx.actor.need("settings.edit")?;
    let view = |r: RobotRow| Robot {
        id: r.id,
        kind: r.kind,
        name: r.name,
        active: r.active,
        signs: r.secret.is_some(),
        last: r.last_at.map(|at| (at, r.last_state.unwrap_or_default(), r.last_note)),
        version: r.version,
    };
    Ok(rows::robots(tx, cx)?.into_iter().map(view).collect())
}

/// A robot to be entered.
#[derive(Clone, Debug, Serialize)]
pub struct NewRobot {
    /// One of [`KINDS`].
    pub kind: String,
    /// What the office calls it.
    pub name: String,
    /// Its address, with the key in it.
    pub address: String,
    /// 钉钉: the secret by which it signs; blank for none.
    pub secret: String,
}

/// Enters a robot. `hosts` are those to which whoever runs the server lets it post.
///
/// # Errors
/// Forbidden without `settings.edit`; `common.missing`; `messages.robot.address` for an address elsewhere;
/// `messages.robot.many`.
pub fn add(tx: &mut Tx<'_>, cx: &Cx, new: &NewRobot, hosts: &[String]) -> Result<i64> {
    cx.actor.need("settings.edit")?;
    let (name, address) = (new.name.trim(), new.address.trim());
    if name.is_empty() || name.chars().count() > 40 {
        return Err(Refusal::missing("name").into());
    }
    if !KINDS.contains(&new.kind.as_str()) {
        return Err(Refusal::missing("kind").into());
    }
    if address.len() > 500 || !post::is_allowed(address, hosts) {
        let known = hosts.join(" ");
        return Err(Refusal::rule("messages.robot.address").on("address").with("hosts", known).into());
    }
    if rows::robots(tx, cx)?.len() >= ROBOTS_MOST {
        return Err(Refusal::rule("messages.robot.many").with("most", ROBOTS_MOST).into());
    }
    let id = tx.id()?;
    let seal = |part: &str, text: &str| {
        let sealed = cx.vault.seal(cx.office.id, &bound(id, part), text.as_bytes());
        sealed.map_err(|e| Error::failed(e.to_string()))
    };
    let secret = match new.secret.trim() {
        "" => None,
        secret => Some(seal("secret", secret)?),
    };
    rows::add_robot(tx, cx, id, (&new.kind, name), seal("address", address)?, secret)?;
    let body = json!({ "robot": id, "kind": new.kind, "name": name });
    events::append(tx, cx, Stream::Message, cx.office.id.0, "message.robot_added", &body)?;
    Ok(id)
}

/// What is done with a robot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Change {
    /// On.
    On,
    /// Off.
    Off,
    /// Taken out, with its address and secret.
    Drop,
    /// Tried out.
    Try,
}

/// Changes a robot.
///
/// # Errors
/// Forbidden without `settings.edit`; `common.conflict`.
pub fn change(tx: &mut Tx<'_>, cx: &Cx, id: i64, version: i64, change: Change) -> Result<()> {
    cx.actor.need("settings.edit")?;
    let (done, kind) = match change {
        Change::On => (rows::set_robot(tx, cx, id, version, true)?, "message.robot_on"),
        Change::Off => (rows::set_robot(tx, cx, id, version, false)?, "message.robot_off"),
        Change::Drop => (rows::drop_robot(tx, cx, id, version)?, "message.robot_dropped"),
        Change::Try => {
            rows::robot_said(tx, cx, id, "waiting", "")?;
            enqueue(tx, cx.office.id, JOB, &Order { robot: id, message: None }, cx.now, None)?;
            (true, "message.robot_tried")
        }
    };
    if !done {
        return Err(Refusal::conflict().into());
    }
    events::append(tx, cx, Stream::Message, cx.office.id.0, kind, &json!({ "robot": id }))?;
    Ok(())
}

/// Has the office's robots say a message.
pub(super) fn post(tx: &mut Tx<'_>, cx: &Cx, message: i64) -> Result<()> {
    let robots: Vec<RobotRow> = rows::robots(tx, cx)?.into_iter().filter(|r| r.active).collect();
    if robots.is_empty() {
        return Ok(());
    }
    let waiting = |r: &RobotRow| Posted {
        robot: r.id,
        name: r.name.clone(),
        state: "waiting".to_owned(),
        at: cx.now,
        note: String::new(),
    };
    rows::set_posted(tx, cx, message, &robots.iter().map(waiting).collect::<Vec<_>>())?;
    for robot in robots {
        let order = Order { robot: robot.id, message: Some(message) };
        enqueue(tx, cx.office.id, JOB, &order, cx.now, None)?;
    }
    Ok(())
}

/// What a group is told.
#[must_use]
pub fn text_for_group(w: &Words, message: &Message, case: Option<&CaseFacts>, link: &str) -> String {
    let what = match (message.case, case) {
        (None, _) => message.text.clone(),
        (Some(_), Some(case)) if case.open => {
            let told = case_text(w, message, case);
            if message.text.is_empty() { told } else { format!("{} {told}", message.text) }
        }
        // Somebody in the group may be whom it is about.
        (Some(_), _) => w.t("messages-group-closed"),
    };
    let head = w.t(if message.urgent { "messages-group-urgent" } else { "messages-group-head" });
    format!("{head}\n{what}\n{link}").trim_end().to_owned()
}

/// What is told of a case.
#[must_use]
pub fn case_text(w: &Words, message: &Message, case: &CaseFacts) -> String {
    let matter = match w.locale {
        Locale::En if !case.matter.1.is_empty() => case.matter.1.clone(),
        _ => case.matter.0.clone(),
    };
    let place = [case.place.as_str(), case.address.as_str()];
    // A warning is about the clock that warned.
    let due = message.due.or(case.due);
    let place: Vec<&str> = place.into_iter().filter(|p| !p.is_empty()).collect();
    let args = [
        ("no", case.no.clone()),
        ("matter", if matter.is_empty() { w.t("messages-no-matter") } else { matter }),
        ("place", if place.is_empty() { w.t("messages-no-place") } else { place.join(" ") }),
        ("due", due.map_or_else(|| w.t("messages-no-due"), |at| w.t1("messages-due", "when", w.when(at)))),
    ];
    w.ta(&format!("messages-case-{}", message.cause), &args)
}

/// The form both platforms take.
fn body(text: &str) -> String {
    json!({ "msgtype": "text", "text": { "content": text } }).to_string()
}

/// 钉钉: the address with the time and its signature, HMAC-SHA256 of `time\nsecret` under the secret.
#[must_use]
pub fn signed(address: &str, secret: &str, now: Ts) -> String {
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return address.to_owned() };
    mac.update(format!("{}\n{secret}", now.0).as_bytes());
    let sign = data_encoding::BASE64.encode(&mac.finalize().into_bytes());
    let joint = if address.contains('?') { '&' } else { '?' };
    let sign: String = sign.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    format!("{address}{joint}timestamp={}&sign={sign}", now.0)
}

/// Posts one message to one group. May run again after a crash between the post and its note: then the group reads it
/// twice, which does less harm than not at all.
pub(crate) fn run(installation: &Installation, job: &Job) -> Outcome {
    let order: Order = job.read()?;
    let Some(office) = installation.office(job.office) else {
        return Err(Fault::GiveUp(anyhow::anyhow!("there is no office {}", job.office)));
    };
    let cx = installation.cx(&office, Actor::system(office.id), Source::Job);
    let here = cx.clone();
    let read = installation.db.read_now(move |tx| {
        let robot = rows::robots(tx, &here)?.into_iter().find(|r| r.id == order.robot);
        let message = order.message.map(|id| rows::find(tx, &here, id)).transpose()?.flatten();
        let case = match message.as_ref().and_then(|m| m.case) {
            Some(case) => rows::facts(tx, &here, case)?,
            None => None,
        };
        Ok((robot, message, case))
    })?;
    let (Some(robot), message, case) = read else { return Ok(()) };
    if order.message.is_some() && (message.is_none() || !robot.active) {
        return Ok(());
    }
    let w = installation.words(&office, installation.locale(office.id), cx.now);
    let link = message.as_ref().and_then(|m| {
        let base = installation.config.base_url.as_deref()?.trim_end_matches('/');
        Some(format!("{base}/messages/{}", m.id))
    });
    let text = match &message {
        Some(message) => text_for_group(&w, message, case.as_ref(), &link.unwrap_or_default()),
        None => w.t1("messages-group-try", "office", &office.name),
    };
    let hosts = &installation.config.robot_hosts;
    let said = match open(&cx.vault, office.id, &robot) {
        Ok((address, secret)) if post::is_allowed(&address, hosts) => {
            let address = match secret.filter(|_| robot.kind == "dingtalk") {
                Some(secret) => signed(&address, &secret, cx.now),
                None => address,
            };
            post::post(&address, &body(&text))
        }
        Ok(_) => Said::Never("host not allowed".to_owned()),
        Err(error) => Said::Never(error.to_string()),
    };
    note(installation, &cx, order, job.attempts, said)
}

fn open(vault: &Vault, office: OfficeId, robot: &RobotRow) -> anyhow::Result<(String, Option<String>)> {
    let unseal = |part: &str, sealed: &[u8]| -> anyhow::Result<String> {
        let plain = vault.open(office, &bound(robot.id, part), sealed)?;
        Ok(String::from_utf8(plain)?)
    };
    let secret = robot.secret.as_ref().map(|sealed| unseal("secret", sealed)).transpose()?;
    Ok((unseal("address", &robot.address)?, secret))
}

/// Notes what came of it on the robot and on the message, and has it tried again where that may help.
fn note(installation: &Installation, cx: &Cx, order: Order, attempts: i64, said: Said) -> Outcome {
    let last = attempts >= ATTEMPTS_MOST || order.message.is_none();
    let (state, text, fault) = match said {
        Said::Sent => ("sent", String::new(), None),
        Said::Later(text) if last => ("failed", text.clone(), Some(Fault::GiveUp(anyhow::anyhow!("{text}")))),
        Said::Later(text) => ("again", text.clone(), Some(Fault::Retry(anyhow::anyhow!("{text}")))),
        Said::Never(text) => ("failed", text.clone(), Some(Fault::GiveUp(anyhow::anyhow!("{text}")))),
    };
    let here = cx.clone();
    installation.db.write_now(move |tx| {
        rows::robot_said(tx, &here, order.robot, state, &text)?;
        let Some(message) = order.message.map(|id| rows::find(tx, &here, id)).transpose()?.flatten() else {
            return Ok(());
        };
        let mut posted = message.robots;
        for line in posted.iter_mut().filter(|p| p.robot == order.robot) {
            state.clone_into(&mut line.state);
            line.note.clone_from(&text);
            line.at = here.now;
        }
        rows::set_posted(tx, &here, message.id, &posted)?;
        let body = json!({ "robot": order.robot, "state": state, "note": text });
        events::append(tx, &here, Stream::Message, message.id, "message.posted", &body)?;
        Ok(())
    })?;
    match fault {
        None => Ok(()),
        // A try-out that failed is shown on its page; nothing is left to mend in the job table.
        Some(_) if order.message.is_none() => Ok(()),
        Some(fault) => Err(fault),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_that_of_the_platform() {
        // Computed apart with OpenSSL: printf '1600000000000\nSECtest' | openssl dgst -sha256 -hmac SECtest -binary | base64
        let url =
            signed("https://oapi.dingtalk.com/robot/send?access_token=x", "SECtest", Ts(1_600_000_000_000));
        let (_, sign) = url.split_once("&sign=").unwrap();
        assert_eq!(sign, SIGN, "{url}");
        assert!(url.contains("&timestamp=1600000000000&sign="));
    }

    const SIGN: &str = "J1ROuI0lRhdAs5lXpASksT0u9NwWl4DNkvcHISJRBoY%3D";
}

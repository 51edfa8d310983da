//! What clients do: report, accept, dispatch, sign, note, finish, each under a key of its own, and again after a failure.

use super::Dice;
use super::house::{Answer, Desk};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

const CLIENTS: usize = 4;

/// One thing that a client wanted.
#[derive(Clone, Debug)]
pub struct Write {
    /// A word that stands in what is written, and nowhere else.
    pub marker: String,
    pub what: What,
    key: String,
    /// What was answered, when it was.
    pub answer: Option<Value>,
    /// When the client read its first answer.
    pub answered: Option<std::time::Instant>,
    /// The program said no; then nothing of it may be there.
    pub refused: bool,
    /// What came instead of an answer.
    instead: String,
}

#[derive(Clone, Debug)]
pub enum What {
    /// A report by the API.
    Report,
    /// A report by the public page, with a picture.
    Picture,
    /// An act on a case.
    Act { case: String, action: &'static str },
}

/// All that the clients wanted, of the present office and in numbers of those before.
#[derive(Default)]
pub struct Ledger {
    pub writes: Vec<Write>,
    pub acknowledged: u64,
    retried: u64,
    /// Pieces that the disk lost.
    pub cut: u64,
    next: Arc<AtomicU64>,
}

impl Ledger {
    /// Another office begins.
    pub fn move_out(&mut self) {
        self.writes.clear();
    }

    /// In numbers. Whoever prints this has proven that none was lost or doubled.
    pub fn told(&self, rounds: u64) -> String {
        format!(
            "{rounds} rounds, {} writes acknowledged, {} retried, 0 lost, 0 doubled, {} unsafe pieces taken back",
            self.acknowledged, self.retried, self.cut
        )
    }
}

/// The marker of a number: letters only, because numbers in a text may be somebody's.
fn marker(mut n: u64) -> String {
    let mut out = String::from("zq");
    for _ in 0..8 {
        out.push(char::from(b'a' + u8::try_from(n % 26).unwrap()));
        n /= 26;
    }
    out + "qz"
}

/// Clients work until the blow has come and each of them has met its end.
pub fn during(desk: &Arc<Desk>, ledger: &mut Ledger, blow: impl FnOnce()) {
    let stop = Arc::new(AtomicBool::new(false));
    let done = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for i in 0..CLIENTS {
            let (desk, stop, done, next) =
                (Arc::clone(desk), Arc::clone(&stop), &done, Arc::clone(&ledger.next));
            scope.spawn(move || {
                let mut client =
                    Client { desk, next, writes: Vec::new(), case: None, step: 0, pictures: i == 0 };
                while !stop.load(Ordering::SeqCst) && client.step() {}
                done.lock().unwrap().append(&mut client.writes);
            });
        }
        blow();
        stop.store(true, Ordering::SeqCst);
    });
    let mut writes = done.into_inner().unwrap();
    ledger.acknowledged += writes.iter().filter(|w| w.answer.is_some()).count() as u64;
    ledger.writes.append(&mut writes);
}

impl Ledger {
    /// Waits, while clients work, until they have begun so many more writes, however slow the machine is.
    pub fn waiting(&self) -> impl Fn(u64) + use<> {
        let next = Arc::clone(&self.next);
        move |more| {
            let (from, start) = (next.load(Ordering::SeqCst), std::time::Instant::now());
            while next.load(Ordering::SeqCst) < from + more && start.elapsed().as_secs() < 60 {
                std::thread::sleep(std::time::Duration::from_millis(10));
            }
        }
    }

    /// What was not answered yet, each with what came instead.
    pub fn open(&self) -> Vec<&str> {
        let open = self.writes.iter().filter(|w| w.answer.is_none() && !w.refused);
        open.map(|w| w.instead.as_str()).collect()
    }
}

/// What was not answered is sent again under the same key and must go well; of what was answered some is sent again
/// too, and must be answered with the same words. Gives whatever is not so.
#[must_use]
pub fn again(desk: &Desk, ledger: &mut Ledger, dice: &mut Dice) -> Vec<String> {
    let mut wrong = Vec::new();
    let from = ledger.writes.len().saturating_sub(400);
    for write in &mut ledger.writes[from..] {
        if write.refused || (write.answer.is_some() && dice.roll(8) > 0) {
            continue;
        }
        let answer = match send(desk, write) {
            Answer::Done(text) => serde_json::from_str::<Value>(&text).unwrap(),
            other => {
                wrong.push(format!("NOT TAKEN when sent again: {write:?}: {other:?}"));
                continue;
            }
        };
        match &write.answer {
            Some(first) if *first != answer => wrong.push(format!("ANOTHER ANSWER {answer}: {write:?}")),
            Some(_) => {}
            None => {
                (ledger.acknowledged, ledger.retried) = (ledger.acknowledged + 1, ledger.retried + 1);
                write.answer = Some(answer);
            }
        }
    }
    wrong
}

struct Client {
    desk: Arc<Desk>,
    next: Arc<AtomicU64>,
    writes: Vec<Write>,
    case: Option<String>,
    step: usize,
    pictures: bool,
}

impl Client {
    /// Does the next thing; false when nobody knows how it ended.
    fn step(&mut self) -> bool {
        const ACTS: [&str; 6] = ["accept", "dispatch", "sign", "progress", "progress", "finish"];
        let what = match (&self.case, ACTS.get(self.step)) {
            (Some(case), Some(action)) => What::Act { case: case.clone(), action },
            // The public page takes a few from one address.
            _ if self.pictures && self.writes.len().is_multiple_of(9) => What::Picture,
            _ => What::Report,
        };
        let marker = marker(self.next.fetch_add(1, Ordering::Relaxed));
        let key = match what {
            What::Picture => uuid::Uuid::new_v4().to_string(),
            _ => format!("client-{marker}"),
        };
        let mut write =
            Write { marker, what, key, answer: None, answered: None, refused: false, instead: String::new() };
        let answer = send(&self.desk, &write);
        let going_on = match answer {
            Answer::Done(text) => {
                let value: Value = serde_json::from_str(&text).unwrap();
                match write.what {
                    What::Report => {
                        (self.case, self.step) = (value["case"].as_str().map(str::to_owned), 0);
                    }
                    What::Picture => {}
                    What::Act { .. } => self.step += 1,
                }
                write.answered = Some(std::time::Instant::now());
                write.answer = Some(value);
                true
            }
            // Only too many in a minute: everything else is wanted and may be done.
            Answer::Refused(429, _) => {
                write.refused = true;
                std::thread::sleep(std::time::Duration::from_millis(20));
                true
            }
            Answer::Refused(status, text) => panic!("{write:?}: {status} {text}"),
            Answer::Unknown(instead) => {
                write.instead = instead;
                false
            }
        };
        self.writes.push(write);
        going_on
    }
}

fn send(desk: &Desk, write: &Write) -> Answer {
    let Write { marker, key, .. } = write;
    match &write.what {
        What::Report => {
            let body = json!({ "text": format!("路灯不亮 {marker}"), "place": "999903001002", "reply_wanted": true,
                "contact": { "phone": "19900002041" } });
            desk.post("/api/v1/reports", &desk.acceptor, key, &body)
        }
        What::Picture => desk.file(key, &format!("路灯不亮 {marker}"), &picture(marker)),
        What::Act { case, action } => {
            let mut body = json!({ "note": marker });
            let who = match *action {
                "accept" => {
                    (body["matter"], body["subject"]) = (json!(desk.matter), json!("none"));
                    &desk.acceptor
                }
                "dispatch" => {
                    body["lead"] = json!(desk.unit);
                    &desk.acceptor
                }
                _ => &desk.handler,
            };
            desk.post(&format!("/api/v1/cases/{case}/actions/{action}"), who, key, &body)
        }
    }
}

/// A picture that no other write has.
fn picture(marker: &str) -> Vec<u8> {
    let seed = blake3::hash(marker.as_bytes());
    let pixel = |x: u32, y: u32| {
        let at = |n: u32| seed.as_bytes()[usize::try_from((x / 8 + y / 8 * 3 + n) % 32).unwrap()];
        image::Rgb([at(0), at(7), at(13)])
    };
    let mut out = std::io::Cursor::new(Vec::new());
    image::RgbImage::from_fn(48, 48, pixel).write_to(&mut out, image::ImageFormat::Png).unwrap();
    out.into_inner()
}

//! `gezhi office`: makes an office with its key and its shipped roles, lists offices.

use super::control::Reply;
use super::{explain, system};
use crate::context::Office;
use crate::features::people::{pack, service};
use crate::installation::{Installation, NewOffice, create_office};
use anyhow::Result;
use clap::{Args, Subcommand};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// What to do with offices.
#[derive(Subcommand, Clone, Debug, Serialize, Deserialize)]
pub(super) enum Command {
    /// Make an office
    Add(Add),
    /// List the offices
    List,
}

/// A new office.
#[derive(Args, Clone, Debug, Serialize, Deserialize)]
pub(super) struct Add {
    /// Its code, usually that of the street
    #[arg(long)]
    code: String,
    /// Its name
    #[arg(long)]
    name: String,
    /// The short name at the head of case numbers
    #[arg(long)]
    short: String,
    /// Its time zone
    #[arg(long, default_value = "Asia/Shanghai")]
    time_zone: String,
    /// Its hours on a working day
    #[arg(long, default_value = "08:30-12:00,14:00-17:30")]
    hours: String,
    /// The language of its pages where nobody chose another
    #[arg(long, default_value = "zh-CN")]
    locale: String,
}

#[derive(Serialize)]
struct Line {
    id: String,
    code: String,
    name: String,
    short: String,
}

impl Command {
    /// Whether it may begin a data folder.
    pub(super) fn begins(&self) -> bool {
        matches!(self, Command::Add(_))
    }
}

pub(super) fn answer(installation: &Installation, command: &Command) -> Result<Reply> {
    match command {
        Command::Add(add) => make(installation, add),
        Command::List => {
            let lines: Vec<Line> = installation.offices().iter().map(|o| Line::of(o)).collect();
            Reply::of(&lines, |line| format!("{}\t{}\t{}", line.code, line.name, line.short))
        }
    }
}

impl Line {
    fn of(o: &Office) -> Line {
        Line { id: o.id.to_string(), code: o.code.clone(), name: o.name.clone(), short: o.short.clone() }
    }
}

fn make(installation: &Installation, add: &Add) -> Result<Reply> {
    let new = NewOffice {
        code: add.code.clone(),
        name: add.name.clone(),
        short: add.short.clone(),
        time_zone: add.time_zone.clone(),
        hours: add.hours.clone(),
        locale: add.locale.clone(),
    };
    let (vault, now) = (Arc::clone(&installation.vault), installation.clock.now());
    installation.db.write_now(move |tx| create_office(tx, &vault, &new, now)).map_err(explain)?;
    installation.reload()?;
    let office = super::office(installation, Some(&add.code))?;
    let (cx, roles) = (system(installation, &office), pack::roles(pack::ROLES)?);
    installation.db.write_now(move |tx| service::install_roles(tx, &cx, &roles)).map_err(explain)?;
    Reply::of(&[Line::of(&office)], |line| {
        format!(
            "{} {} is made. Next: gezhi user add LOGIN --name NAME --title TITLE --role ROLE",
            line.code, line.name
        )
    })
}

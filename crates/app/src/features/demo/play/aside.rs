//! What happens beside the way of a case: done if the case is open for it when the time comes.

use super::Turn;
use crate::features::demo::life::Step;
use crate::features::intake::service as intake;
use crate::features::procedures::model::Input;
use crate::features::procedures::state::CaseState;
use crate::features::upstream::tickets::Ticket;
use crate::features::upstream::{reply as upstream, service};
use ::store::{Result, Tx};

/// Of a hundred tickets written back so many are called back by the platform.
const RATED_ABOVE: i64 = 60;

impl Turn<'_> {
    pub(super) fn beside(&mut self, tx: &mut Tx<'_>, step: Step) -> Result<()> {
        let case = self.case(tx)?;
        match step {
            Step::Urge if self.may(&case, "urge") => self.urge(tx),
            Step::Supplement if self.may(&case, "supplement") => self.supplement(tx),
            Step::Supervise if self.may(&case, "supervise") => self.supervise(tx, &case),
            Step::Reveal if case.phase.is_open() => self.reveal(tx, &case),
            Step::Rate if case.state == "closed" => self.rate(tx, &case),
            Step::Exempt if case.state == "closed" && case.handle_late == Some(true) && !case.exempt => {
                self.exempt(tx, &case)
            }
            Step::WriteBack if !case.phase.is_open() => self.write_back(tx, &case),
            Step::RatedAbove if !case.phase.is_open() => self.rated_above(tx, &case),
            _ => Ok(()),
        }
    }

    /// The desk tells the platform above what became of its tickets.
    fn write_back(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.dispatch", Some(case))?;
        let cx = self.cx(desk, None);
        for ticket in upstream::waiting_of(tx, &cx, case.id)? {
            let digits: String = ticket.number.chars().rev().take(6).collect();
            upstream::reply(tx, &cx, ticket.id, &format!("HT{digits}"))?;
        }
        // Their call-back takes a day or two, and does not reach everybody.
        if self.life()?.chance.between(0, 99) < RATED_ABOVE {
            let minutes = self.life()?.chance.between(300, 900);
            let (at, index) = (self.world.axis.later(self.at, minutes), self.life);
            self.stage.lay(at, index, Step::RatedAbove);
        }
        Ok(())
    }

    /// The platform above has called the requester back; the next import tells it.
    fn rated_above(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.dispatch", Some(case))?;
        let cx = self.cx(desk, None);
        for ticket in upstream::replied_of(tx, &cx, case.id)? {
            // Of the last days some may still be contested.
            let bad = if self.world.cx.now.since(self.at) < 4 * kernel::Ts::DAY { 40 } else { 8 };
            let satisfied = match self.life()?.chance.between(0, 99) {
                n if n <= bad => 2,
                9..=25 => 3,
                26..=70 => 4,
                _ => 5,
            };
            let told = Ticket {
                number: ticket.number,
                satisfied: Some(satisfied),
                solved: Some(satisfied > 2),
                ..Ticket::default()
            };
            service::told(tx, &cx, &ticket.system, &told)?;
        }
        Ok(())
    }

    fn may(&self, case: &CaseState, action: &str) -> bool {
        self.world.cx.office.procedure.action(action).is_some_and(|a| a.from.contains(&case.state))
    }

    fn urge(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let called = matches!(self.life()?.cast.channel.as_str(), "hotline" | "window" | "upper" | "grid");
        if called {
            let case = self.case(tx)?;
            let desk = self.desk("demands.accept", Some(&case))?;
            let note = self.say("urge", "desk_notes")?;
            return self.act(tx, &self.cx(desk, None), "urge", Input { note, ..Input::default() });
        }
        let note = self.say("urge", "texts")?;
        self.by_requester(tx, "urge", note)
    }

    fn supplement(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let note = self.say("supplement", "texts")?;
        self.by_requester(tx, "supplement", note)
    }

    fn by_requester(&mut self, tx: &mut Tx<'_>, action: &str, note: Option<String>) -> Result<()> {
        let cx = self.requester();
        let Some(report) = self.life()?.report else { return Ok(()) };
        intake::by_requester(tx, &cx, report, action, Input { note, ..Input::default() })?;
        Ok(())
    }

    fn supervise(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.supervise", Some(case))?;
        let note = self.say("supervise", "notes")?;
        self.act(tx, &self.cx(desk, None), "supervise", Input { note, ..Input::default() })
    }

    /// The unit looks at the number before it drives there.
    fn reveal(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let Some(report) = self.life()?.report else { return Ok(()) };
        let Some(lead) = case.lead().map(|a| a.unit) else { return Ok(()) };
        let handler = world.handler(lead, case, &mut self.life()?.chance).filter(|a| a.has("demands.reveal"));
        let (Some(handler), false) = (handler, self.life()?.cast.contact.is_empty()) else { return Ok(()) };
        let reason = self.say("reveal", "reasons")?.unwrap_or_default();
        intake::reveal(tx, &self.cx(handler, None), case.id, report, &reason)?;
        Ok(())
    }

    fn rate(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let world = self.world;
        let cx = self.requester();
        let life = self.life()?;
        let (Some(report), Some(story)) = (life.report, world.data.stories.get(life.cast.story)) else {
            return Ok(());
        };
        let reopens = life.fate.rate_reopen && case.ended.is_none();
        life.fate.rate_reopen = false;
        let stars = if reopens {
            life.chance.between(1, 2)
        } else {
            1 + i64::try_from(life.chance.weighted(&story.rating)).unwrap_or(4)
        };
        let words = if reopens {
            self.say("reopen", "texts")?
        } else {
            self.say("rating_words", &stars.to_string())?
        };
        intake::rate(tx, &cx, report, stars, !reopens, &words.unwrap_or_default())?;
        if reopens {
            return self.go_on(tx);
        }
        Ok(())
    }

    fn exempt(&mut self, tx: &mut Tx<'_>, case: &CaseState) -> Result<()> {
        let desk = self.desk("demands.arbitrate", Some(case))?;
        let (reason, basis) = (self.say("exempt", "reasons")?, self.say("basis", "exempt")?);
        self.act(tx, &self.cx(desk, None), "exempt", Input { reason, basis, ..Input::default() })
    }
}

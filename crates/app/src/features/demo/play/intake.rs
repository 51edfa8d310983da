//! A report comes in.

use super::Turn;
use crate::actor::Actor;
use crate::context::{Cx, Source};
use crate::features::demo::data::Mode;
use crate::features::demo::life::Step;
use crate::features::intake::model::{NewReport, Photo};
use crate::features::intake::service as intake;
use crate::features::procedures::model::Input;
use crate::features::procedures::numbers::{Series, take_in};
use crate::features::procedures::upper::Upper;
use ::store::{Error, Result, Tx};
use kernel::Ts;
use worktime::{Limit, LimitUnit};

impl Turn<'_> {
    pub(super) fn arrive(&mut self, tx: &mut Tx<'_>) -> Result<()> {
        let world = self.world;
        let cx = self.who_enters()?;
        let cast = std::sync::Arc::clone(&self.life()?.cast);
        let office = &world.cx.office;
        let day = cx.occurred.unwrap_or(cx.now).day(&office.tz);
        let no = take_in(tx, office.id, &office.short, Series::of_class(&cast.class), day)?;
        let code = text::tracking_code(&self.life()?.chance.next().to_le_bytes());
        let upper = if cast.channel == "upper" { Some(self.upper(day.0)?) } else { None };
        let on_spot = self.on_spot()?;
        let mut photos = Vec::new();
        for nth in 0..cast.photos {
            let kind = if nth == 0 { "scene" } else { "near" };
            let picture = world.pictures.of(&cast.matter, self.life + nth, false);
            photos.extend(picture.map(|stored| Photo { stored, kind: kind.to_owned() }));
        }
        if on_spot.is_some() {
            photos.clear();
            for after in [false, true] {
                let kind = if after { "after" } else { "before" };
                photos.extend(
                    world
                        .pictures
                        .of(&cast.matter, self.life, after)
                        .map(|stored| Photo { stored, kind: kind.to_owned() }),
                );
            }
        }
        let report = NewReport {
            no,
            code,
            channel: cast.channel.clone(),
            kind: cast.kind.clone(),
            class: cast.class.clone(),
            text: cast.text.clone(),
            title: cast.title.clone(),
            contact: cast.contact.clone(),
            reply_wanted: cast.reply_wanted,
            share_contact: cast.share,
            urgent: false,
            at: cast.at.clone(),
            photos,
            upper,
            on_spot,
        };
        let made = intake::receive(tx, &cx, &report)?;
        let (at, index) = (self.at, self.life);
        let life = self.life()?;
        (life.case, life.report) = (Some(made.case), Some(made.report));
        let minutes = life.chance.between(90, 1_300);
        if life.fate.supplement {
            self.stage.lay(at.plus(minutes * Ts::MINUTE), index, Step::Supplement);
        }
        Ok(())
    }

    /// A resident's page, the grid's own worker, or a desk.
    fn who_enters(&mut self) -> Result<Cx> {
        let world = self.world;
        let cast = std::sync::Arc::clone(&self.life()?.cast);
        if matches!(cast.channel.as_str(), "qr" | "web") {
            return Ok(self.requester());
        }
        let worker = cast.at.grid.and_then(|g| world.grid_worker(g)).filter(|_| cast.channel == "grid");
        let actor: &Actor = match worker {
            Some(worker) => worker,
            None => self.desk("demands.accept", None)?,
        };
        Ok(Cx { occurred: cast.occurred, source: Source::Web, ..self.cx(actor, None) })
    }

    /// The record of the upper platform: its number, its deadline and until when it may be sent back.
    fn upper(&mut self, day: i64) -> Result<Upper> {
        let world = self.world;
        let sent = self.at.plus(-self.life()?.chance.between(4, 50) * Ts::MINUTE);
        let nth = self.stage.upper.entry(day).or_insert(0);
        *nth += 1;
        let number = format!("{day}{nth:04}");
        let matter = world.matters.get(&self.life()?.cast.matter).map(|m| m.handle_limit);
        let days = match matter {
            Some(limit) if limit.unit == LimitUnit::WorkDay => {
                limit.amount / 1_000 + self.life()?.chance.between(1, 3)
            }
            Some(limit) if limit.unit == LimitUnit::NaturalDay => 55,
            _ => self.life()?.chance.between(2, 5),
        };
        let window = Limit::parse(&world.data.office.upper.return_window)
            .map_err(|e| Error::failed(format!("{e:?}")))?;
        Ok(Upper {
            system: world.data.office.upper.system.clone(),
            number,
            received_at: sent,
            due: Some(world.axis.due(sent, Limit::new(LimitUnit::WorkDay, days * 1_000))),
            return_by: Some(world.axis.due(sent, window)),
        })
    }

    /// What a grid worker did on the spot.
    fn on_spot(&mut self) -> Result<Option<Input>> {
        let world = self.world;
        let life = self.life()?;
        let story = world.data.stories.get(life.cast.story).filter(|s| s.mode == Mode::OnTheSpot);
        let Some(story) = story else { return Ok(None) };
        let note = life.chance.pick(&story.handled).cloned();
        Ok(Some(Input { note, ..Input::default() }))
    }
}

//! Erasing a requester destroys the key: what was copied before cannot be opened either.

use crate::given;
use gezhi::actor::Actor;
use gezhi::features::intake::service as intake;
use gezhi::features::parties::service as parties;
use store::{Sql, args, both};

const SEALED: Sql = Sql::Both("select id, sealed from party where office = $1");
const KEYS: Sql = Sql::Both("select count(*) from party_key where office = $1");
const PUT_BACK: Sql = Sql::Both("update party set sealed = $2, erased_at = null where id = $1");

both!(an_erased_requester_cannot_be_read_from_any_copy_of_the_rows, |db| {
    let world = given::world(db);
    let cx = world.cx(Actor::requester(given::OFFICE), "2026-09-21 09:00");
    let new = given::report("青禾-20260921-0001", "7K3MW9PF", "井盖坏了");
    let received = world.db.write_now(move |tx| intake::receive(tx, &cx, &new)).expect("received");
    let (party, sealed) = world
        .db
        .read_now(|tx| {
            tx.query(&SEALED, args![given::OFFICE], |row| Ok((row.get(0)?, row.get::<Vec<u8>>(1)?)))
        })
        .expect("the row")
        .remove(0);
    let cx = world.cx(given::arbiter(), "2026-09-22 09:00");
    world.db.write_now(move |tx| intake::erase(tx, &cx, received.report, "本人申请")).expect("erased");
    assert_eq!(
        world.db.read_now(|tx| tx.value::<i64>(&KEYS, args![given::OFFICE])).expect("a count"),
        Some(0)
    );
    // Somebody puts a copy of the sealed row back: without its key it says nothing.
    let cx = world.cx(given::intake(), "2026-09-22 09:10");
    let read = world.db.write_now(move |tx| {
        tx.exec(&PUT_BACK, args![kernel::PartyId(party), sealed.clone()])?;
        parties::open(tx, &cx, kernel::PartyId(party))
    });
    assert_eq!(read.expect("a look"), None);
});

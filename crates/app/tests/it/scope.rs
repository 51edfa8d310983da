//! What an actor sees is what their rights reach, in every list, and never another office's.

use crate::given::{self, COMMUNITY, World};
use gezhi::actor::{Actor, Reach};
use gezhi::context::Office;
use gezhi::features::intake::search;
use gezhi::features::intake::service as intake;
use gezhi::features::procedures::model::{Ask, Input, Subject};
use gezhi::features::procedures::service;
use gezhi::features::procedures::state::Location;
use kernel::{CaseId, OfficeId, PlaceId};
use std::sync::Arc;
use store::{Db, Query, both};

fn receive(world: &World, no: &str, community: i64) -> CaseId {
    let mut new = given::report(no, "7K3MW9PF", "井盖坏了");
    new.at = Location {
        community: Some(PlaceId(community)),
        grid: Some(PlaceId(community * 10)),
        ..Location::default()
    };
    let office = world.office.id;
    let cx = world.cx(Actor::requester(office), "2026-09-21 09:00");
    let case = world.db.write_now(move |tx| intake::receive(tx, &cx, &new)).expect("received").case;
    let mut system = world.cx(Actor::system(office), "2026-09-21 09:01");
    system.actor = Actor::system(office);
    let input = Input { subject: Some(Subject::None), matter: Some(given::MANHOLE), ..Input::default() };
    if office == given::OFFICE {
        let ask = Ask { case, action: "accept".to_owned(), version: None, input };
        world.db.write_now(move |tx| service::act(tx, &system, &ask)).expect("accepted");
    }
    case
}

fn seen(db: &Db, actor: &Actor) -> Vec<CaseId> {
    let actor = actor.clone();
    db.read_now(move |tx| {
        let mut query = Query::new("select c.id from cases c");
        actor.scope("demands.read").restrict(&mut query);
        query.push("order by c.id");
        tx.list(&query, |row| row.get(0))
    })
    .expect("a list")
}

both!(another_office_is_not_there, |db| {
    let world = given::world(db);
    let other = OfficeId(2);
    world.vault.new_office(other).expect("a key");
    let office = Office { id: other, short: "望海".to_owned(), ..(*world.office).clone() };
    let neighbour = World { office: Arc::new(office), ..world.clone() };
    let mine = receive(&world, "青禾-20260921-0001", 101);
    let theirs = receive(&neighbour, "望海-20260921-0001", 101);
    let actor = given::desk(1, &["demands.read", "demands.accept"]);
    assert_eq!(seen(&world.db, &actor), [mine]);
    let cx = world.cx(actor, "2026-09-21 10:00");
    let refused = world.db.read_now(move |tx| service::visible(tx, &cx, theirs)).unwrap_err();
    assert_eq!(refused.refusal().map(|r| r.code), Some("common.not_found"));
});

both!(a_community_secretary_sees_their_own_place_and_a_grid_worker_their_grid, |db| {
    let world = given::world(db);
    let one = receive(&world, "青禾-20260921-0001", 101);
    let two = receive(&world, "青禾-20260921-0002", 102);
    let secretary = given::actor(5, COMMUNITY, vec![("demands.read", Reach::Community(PlaceId(101)))]);
    assert_eq!(seen(&world.db, &secretary), [one]);
    let worker = given::actor(6, COMMUNITY, vec![("demands.read", Reach::Grid(PlaceId(1020)))]);
    assert_eq!(seen(&world.db, &worker), [two]);
    let nobody = given::actor(7, COMMUNITY, vec![("stats.read", Reach::Office)]);
    assert_eq!(seen(&world.db, &nobody), []);
    let both = given::actor(
        8,
        COMMUNITY,
        vec![("demands.read", Reach::Community(PlaceId(101))), ("demands.read", Reach::Grid(PlaceId(1020)))],
    );
    assert_eq!(seen(&world.db, &both), [one, two], "several posts, one list");
});

both!(petitions_and_reports_are_for_those_with_the_right_alone, |db| {
    let world = given::world(db);
    let ordinary = receive(&world, "青禾-20260921-0001", 101);
    let mut new = given::report("青禾-20260921-X0001", "4RNT7HXC", "信访事项");
    new.class = "petition".to_owned();
    let cx = world.cx(Actor::requester(given::OFFICE), "2026-09-21 09:00");
    let petition = world.db.write_now(move |tx| intake::receive(tx, &cx, &new)).expect("received").case;
    let without = given::desk(1, &["demands.read", "demands.accept"]);
    let with = given::desk(2, &["demands.read", "demands.accept", "demands.read_petition"]);
    assert_eq!(seen(&world.db, &without), [ordinary]);
    assert_eq!(seen(&world.db, &with), [ordinary, petition]);
});

both!(a_search_finds_what_is_indexed_and_what_is_not_yet, |db| {
    let world = given::world(db);
    let indexed = receive(&world, "青禾-20260921-0001", 10);
    let cx = world.cx(Actor::system(given::OFFICE), "2026-09-21 09:10");
    let filled = world.db.write_now({
        let cx = cx.clone();
        move |tx| search::fill(tx, &cx, 100)
    });
    assert_eq!(filled.unwrap(), 1);
    let fresh = receive(&world, "青禾-20260921-0002", 10);
    let find = |text: &'static str| -> Vec<CaseId> {
        let cx = cx.clone();
        world
            .db
            .read_now(move |tx| {
                let wanted = search::Search::new(text);
                let mut query = Query::new("select c.id from cases c");
                wanted.restrict(&mut query, tx.dialect(), given::OFFICE);
                query.push(" order by c.id");
                let found: Vec<CaseId> = tx.list(&query, |row| row.get(0))?;
                found
                    .into_iter()
                    .filter_map(|id| wanted.holds(tx, &cx, id).map(|is| is.then_some(id)).transpose())
                    .collect()
            })
            .unwrap()
    };
    assert_eq!(find("井盖"), vec![indexed, fresh]);
    assert_eq!(find("0001"), vec![indexed]);
    assert_eq!(find("路灯"), Vec::<CaseId>::new());
});

//! The rows of intake: the only file here with SQL.

use super::model::{Attachment, Report};
use crate::context::Cx;
use crate::features::procedures::state::Location;
use store::{Arg, Query, Result, Row, Sql, Tx, args, statements};

statements! {
    PUT_REPORT = Sql::Both(
        "insert into report (id, office, no, channel, kind, class, title, text, sealed, party, reply_wanted, share_contact,
         track, place, community_id, grid_id, address, lon_e7, lat_e7, occurred_at, received_at, received_day, entered_by,
         version) values ($1,$2,$3,$4,$5,$6,$7,$8,null,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,1)");
    REPORT = Sql::Both(
        "select id, no, channel, kind, class, title, text, party, reply_wanted, share_contact, place, community_id, grid_id,
         address, lon_e7, lat_e7, occurred_at, received_at, received_day, rating, rating_solved, rating_words, rated_at,
         last_rating, seen_at from report where office = $1 and id = $2");
    SET_SEEN = Sql::Both("update report set seen_at = $3 where office = $1 and id = $2");
    SEEN = Sql::Both("select seen_at from report where office = $1 and id = $2");
    REPORTS_OF_CASE = Sql::Both(
        "select r.id, r.no, r.channel, r.kind, r.class, r.title, r.text, r.party, r.reply_wanted, r.share_contact, r.place,
         r.community_id, r.grid_id, r.address, r.lon_e7, r.lat_e7, r.occurred_at, r.received_at, r.received_day, r.rating,
         r.rating_solved, r.rating_words, r.rated_at, r.last_rating, r.seen_at
         from report_case rc join report r on r.office = rc.office and r.id = rc.report
         where rc.office = $1 and rc.case_id = $2 and rc.until_at is null order by r.received_at, r.id");
    TRACK = Sql::Both("select id, track from report where office = $1 and no = $2");
    OFFICE_OF_NO = Sql::Both("select office from report where no = $1");
    RATE = Sql::Both(
        "update report set rating = $3, rating_solved = $4, rating_words = $5, rated_at = $6, last_rating = $7,
         version = version + 1 where office = $1 and id = $2");
    LAST_RATING = Sql::Both("update report set last_rating = $3, version = version + 1 where office = $1 and id = $2");
    PUT_CALLBACK = Sql::Both(
        "insert into callback (id, office, case_id, report, at, account, channel, answered, solved, satisfied, words)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11)");
    PUT_ATTACHMENT = Sql::Both(
        "insert into attachment (id, office, case_id, report, kind, hash, mime, bytes, width, height, at, account, unit, public)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14)");
    ATTACHMENTS = Sql::Both(
        "select id, case_id, report, kind, hash, mime, width, height, at from attachment
         where office = $1 and case_id = $2 and kind <> 'voice' order by at, id");
    ATTACHMENTS_OF_REPORT = Sql::Both(
        "select id, case_id, report, kind, hash, mime, width, height, at from attachment
         where office = $1 and report = $2 and kind <> 'voice' order by at, id");
    VOICES = Sql::Both(
        "select a.id, a.case_id, a.report, a.kind, a.hash, a.mime, a.width, a.height, a.at from report_case rc
         join attachment a on a.office = rc.office and a.report = rc.report and a.kind = 'voice'
         where rc.office = $1 and rc.case_id = $2 and rc.until_at is null order by a.at, a.id");
    VOICES_OF_REPORT = Sql::Both(
        "select id, case_id, report, kind, hash, mime, width, height, at from attachment
         where office = $1 and report = $2 and kind = 'voice' order by at, id");
    ATTACHMENT = Sql::Both(
        "select id, case_id, report, kind, hash, mime, width, height, at from attachment where office = $1 and id = $2");
    LOOKS = Sql::Both(
        "select recorded_at, unit from event where office = $1 and stream = 'report' and stream_id = $2
         and kind = 'report.revealed' order by seq");
    OPEN_OF_PARTY = Sql::Both(
        "select c.id from report r join report_case rc on rc.office = r.office and rc.report = r.id and rc.until_at is null
         join cases c on c.office = rc.office and c.id = rc.case_id
         where r.office = $1 and r.party = $2 and c.closed_at is null order by c.opened_at desc");
    OLD_PARTIES = Sql::Both(
        "select p.id from party p where p.office = $1 and p.erased_at is null and p.created_at < $2 and not exists (
           select 1 from report r left join report_case rc on rc.office = r.office and rc.report = r.id
           left join cases c on c.office = rc.office and c.id = rc.case_id
           where r.office = p.office and r.party = p.id
           and (c.id is null or c.phase not in ('closed', 'refused', 'ended')
                or coalesce(c.closed_at, c.updated_at) >= $2)) order by p.id limit $3");
    PARTY_REPORTS = Sql::Both("select id from report where office = $1 and party = $2");
    TODO = Sql::Both("select case_id from search_todo where office = $1 order by case_id limit $2");
    DONE = Sql::Both("delete from search_todo where office = $1 and case_id = $2");
    INDEXED = Sql::Pair {
        sqlite: "select 1 from search_docsize where id = $2 and $1 = $1",
        pg: "select 1 from search where office = $1 and case_id = $2",
    };
    INDEX_OFF = Sql::Pair {
        sqlite: "delete from search where rowid = $2 and $1 = $1",
        pg: "delete from search where office = $1 and case_id = $2",
    };
    INDEX_ON = Sql::Pair {
        sqlite: "insert into search (rowid, terms) select $2, $3 where $1 = $1",
        pg: "insert into search (office, case_id, terms) values ($1, $2, array_to_tsvector(string_to_array($3, ' ')))",
    };
    WORDS_OF_CASE = Sql::Both(
        "select c.no, c.title, c.address, r.text from cases c
         left join report_case rc on rc.office = c.office and rc.case_id = c.id and rc.until_at is null
         left join report r on r.office = rc.office and r.id = rc.report
         where c.office = $1 and c.id = $2 order by r.received_at, r.id");
    WEIGHT = Sql::Pair {
        sqlite: "select count(*) from (select 1 from search where search match $1 and $3 = $3 limit $2)",
        pg: "select count(*) from (select 1 from search s where s.terms @@ cast(cast($1 as text) as tsquery)
             and s.office = $3 limit $2) t",
    };
    OWN_MATTERS = Sql::Both(
        "select c.matter_code from report r join report_case rc on rc.office = r.office and rc.report = r.id
         join cases c on c.office = rc.office and c.id = rc.case_id
         where r.office = $1 and r.entered_by = $2 and r.received_at >= $3 and c.matter_code is not null
         group by c.matter_code order by count(*) desc, c.matter_code limit 6");
    FREQUENT = Sql::Both(
        "select c.matter_code from cases c where c.office = $1 and c.opened_at >= $2 and c.channel = 'grid'
         and c.matter_code is not null group by c.matter_code order by count(*) desc, c.matter_code limit 6");
    OWN_PLACES = Sql::Both(
        "select r.place, count(*) from report r
         where r.office = $1 and r.entered_by = $2 and r.received_at >= $3 and r.place is not null group by r.place");
}

/// Reads a report in the column order of `REPORT`.
pub(super) fn report(row: &Row<'_>) -> Result<Report> {
    Ok(Report {
        id: row.get(0)?,
        no: row.get(1)?,
        channel: row.get(2)?,
        kind: row.get(3)?,
        class: row.get(4)?,
        title: row.get(5)?,
        text: row.get(6)?,
        party: row.get(7)?,
        reply_wanted: row.get(8)?,
        share_contact: row.get(9)?,
        at: Location {
            place: row.get(10)?,
            community: row.get(11)?,
            grid: row.get(12)?,
            address: row.get(13)?,
            lon_e7: row.get(14)?,
            lat_e7: row.get(15)?,
        },
        occurred_at: row.get(16)?,
        received_at: row.get(17)?,
        received_day: row.get(18)?,
        rating: row.get(19)?,
        rating_solved: row.get(20)?,
        rating_words: row.get(21)?,
        rated_at: row.get(22)?,
        last_rating: row.get(23)?,
        seen_at: row.get(24)?,
    })
}

/// Reads a picture in the column order of `ATTACHMENT`.
pub(super) fn attachment(row: &Row<'_>) -> Result<Attachment> {
    Ok(Attachment {
        id: row.get(0)?,
        case: row.get(1)?,
        report: row.get(2)?,
        kind: row.get(3)?,
        hash: row.get(4)?,
        mime: row.get(5)?,
        width: row.get(6)?,
        height: row.get(7)?,
        at: row.get(8)?,
    })
}

/// Where and what a text is about, to look for cases that may be the same trouble.
pub(super) struct Around<'a> {
    /// Not older than this.
    pub(super) since: kernel::Ts,
    pub(super) community: Option<kernel::PlaceId>,
    pub(super) grid: Option<kernel::PlaceId>,
    /// The code of the matter that was chosen; may be blank.
    pub(super) matter: &'a str,
}

/// A case to compare with.
pub(super) struct Found {
    pub(super) id: kernel::CaseId,
    pub(super) no: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) opened_at: kernel::Ts,
    pub(super) community: Option<kernel::PlaceId>,
    pub(super) grid: Option<kernel::PlaceId>,
    pub(super) text: String,
}

/// Open ordinary cases that the actor may see, in the same place or of the same matter, newest first.
pub(super) fn around(tx: &mut Tx<'_>, cx: &Cx, around: &Around<'_>, most: i64) -> Result<Vec<Found>> {
    let mut query = Query::new(
        "select c.id, c.no, c.title, c.state, c.opened_at, c.community_id, c.grid_id, r.text
         from cases c join report r on r.office = c.office and r.id = c.report",
    );
    cx.actor.scope("demands.read").restrict(&mut query);
    query.and("c.opened_at >= ? and c.closed_at is null and c.class = 'ordinary'", [around.since.into()]);
    let community: Option<Arg> = around.community.map(Arg::from);
    match (community, around.matter) {
        (Some(community), "") => query.and("c.community_id = ?", [community]),
        (Some(community), matter) => {
            query.and("c.community_id = ? or c.matter_code = ?", [community, matter.into()])
        }
        (None, "") => &mut query,
        (None, matter) => query.and("c.matter_code = ?", [matter.into()]),
    };
    if let Some(grid) = around.grid {
        query.bind(
            "order by case when c.grid_id = ? then 0 else 1 end, c.opened_at desc, c.id desc",
            [grid.into()],
        );
    } else {
        query.push("order by c.opened_at desc, c.id desc");
    }
    query.bind("limit ?", [most.into()]);
    tx.list(&query, |row| {
        Ok(Found {
            id: row.get(0)?,
            no: row.get(1)?,
            title: row.get(2)?,
            state: row.get(3)?,
            opened_at: row.get(4)?,
            community: row.get(5)?,
            grid: row.get(6)?,
            text: row.get(7)?,
        })
    })
}

/// The codes of the matters an account stated most since an instant, most first, at most six.
pub(super) fn own_matters(tx: &mut Tx<'_>, cx: &Cx, since: kernel::Ts) -> Result<Vec<String>> {
    let account = cx.actor.account.map_or(0, |a| a.0);
    tx.query(&OWN_MATTERS, args![cx.office.id, account, since], |row| row.get(0))
}

/// The same over all that grid workers stated in the office: what a new colleague begins with.
pub(super) fn frequent_matters(tx: &mut Tx<'_>, cx: &Cx, since: kernel::Ts) -> Result<Vec<String>> {
    tx.query(&FREQUENT, args![cx.office.id, since], |row| row.get(0))
}

/// How often an account reported from each place since an instant.
pub(super) fn own_places(tx: &mut Tx<'_>, cx: &Cx, since: kernel::Ts) -> Result<Vec<(kernel::PlaceId, i64)>> {
    let account = cx.actor.account.map_or(0, |a| a.0);
    tx.query(&OWN_PLACES, args![cx.office.id, account, since], |row| Ok((row.get(0)?, row.get(1)?)))
}

/// One of the actor's own reports.
pub(super) struct Own {
    pub(super) report: kernel::ReportId,
    pub(super) case: kernel::CaseId,
    pub(super) no: String,
    pub(super) title: String,
    pub(super) state: String,
    pub(super) ended: Option<String>,
    pub(super) received_at: kernel::Ts,
    pub(super) due: Option<kernel::Ts>,
    pub(super) grid: Option<kernel::PlaceId>,
    /// Another report opened the case that it is tied to now: nothing of that case is its reporter's to read.
    pub(super) merged: bool,
}

/// A report that the actor entered, by its case and its number; the latest of the case where none is named.
pub(super) fn own_report(tx: &mut Tx<'_>, cx: &Cx, case: kernel::CaseId, no: &str) -> Result<Option<Own>> {
    let mut query = own_query(cx);
    query.and("c.id = ?", [case.into()]);
    if !no.is_empty() {
        query.and("r.no = ?", [no.into()]);
    }
    query.push("order by r.received_at desc, r.id desc");
    Ok(tx.list(&query, own)?.into_iter().next())
}

/// What an account entered itself, newest first, after a cursor (instant and report).
pub(super) fn own_reports(
    tx: &mut Tx<'_>,
    cx: &Cx,
    after: Option<(kernel::Ts, kernel::ReportId)>,
    most: i64,
) -> Result<Vec<Own>> {
    let mut query = own_query(cx);
    if let Some((at, id)) = after {
        query.and("(r.received_at, r.id) < (?, ?)", [at.into(), id.into()]);
    }
    query.bind("order by r.received_at desc, r.id desc limit ?", [most.into()]);
    tx.list(&query, own)
}

fn own_query(cx: &Cx) -> Query {
    let account = cx.actor.account.map_or(0, |a| a.0);
    let mut query = Query::new(
        "select r.id, c.id, r.no, r.title, c.state, c.ended, r.received_at, c.due_at, r.grid_id, c.report
         from report r join report_case rc on rc.office = r.office and rc.report = r.id and rc.until_at is null and rc.part = '1'
         join cases c on c.office = rc.office and c.id = rc.case_id",
    );
    query.and(
        "r.office = ? and r.entered_by = ? and r.channel = 'grid'",
        [cx.office.id.into(), account.into()],
    );
    query
}

fn own(row: &Row<'_>) -> Result<Own> {
    Ok(Own {
        report: row.get(0)?,
        case: row.get(1)?,
        no: row.get(2)?,
        title: row.get(3)?,
        state: row.get(4)?,
        ended: row.get(5)?,
        received_at: row.get(6)?,
        due: row.get(7)?,
        grid: row.get(8)?,
        merged: row.get::<kernel::ReportId>(9)? != row.get::<kernel::ReportId>(0)?,
    })
}

//! SQL of the catalogue and the duty list.

use super::model::{DutyBody, DutyRow, DutyUnit, Holder, Matter, MatterBody, Names};
use kernel::{Day, DutyId, MatterId, OfficeId, PlaceId, UnitId};
use store::{Error, Result, Row, Sql, Tx, args, statements};
use worktime::Limit;

statements! {
    MATTERS = Sql::Both(
        "select id, code, kind, class_code, class_zh, class_en, name_zh, name_en, standard_ref, limit_condition,
         limit_condition_en, handle_limit, limit_source, limit_source_en, accept_limit, dispatch_limit, sign_limit,
         verify, verify_rate, callback, callback_rate, duty_list, lead_department, lead_department_en, secret,
         emergency, photos, close_condition, close_condition_en, synonyms, judgement, judgement_en, from_day,
         until_day, version from matter where office = $1 order by code, from_day, version");
    INSERT_MATTER = Sql::Both(
        "insert into matter (id, office, code, kind, class_code, class_zh, class_en, name_zh, name_en, standard_ref,
         limit_condition, limit_condition_en, handle_limit, limit_source, limit_source_en, accept_limit,
         dispatch_limit, sign_limit, verify, verify_rate, callback, callback_rate, duty_list, lead_department,
         lead_department_en, secret, emergency, photos, close_condition, close_condition_en, synonyms, judgement,
         judgement_en, from_day, until_day, version)
         values ($1,$2,$3,$4,$5,$6,$7,$8,$9,$10,$11,$12,$13,$14,$15,$16,$17,$18,$19,$20,$21,$22,$23,$24,$25,$26,$27,$28,
         $29,$30,$31,$32,$33,$34,$35,$36)");
    END_MATTER = Sql::Both(
        "update matter set until_day = $3 where office = $1 and id = $2");
    DUTIES = Sql::Both(
        "select id, matter_code, place, lead_unit, co_units, basis, from_day, until_day, version
         from duty where office = $1 order by matter_code, place nulls first, from_day, version");
    INSERT_DUTY = Sql::Both(
        "insert into duty (id, office, matter_code, place, lead_unit, co_units, basis, from_day, until_day, version)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)");
    END_DUTY = Sql::Both("update duty set until_day = $3 where office = $1 and id = $2");
    UNITS = Sql::Both(
        "select id, code, short, kind, active, place from unit where office = $1 order by sort_key, id");
}

/// Every version of every matter.
pub(super) fn list_matters(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<Matter>> {
    tx.query(&MATTERS, args![office], read_matter)
}

fn read_matter(row: &Row<'_>) -> Result<Matter> {
    let names = |i: usize| -> Result<Names> { Ok(Names { zh: row.get(i)?, en: row.get(i + 1)? }) };
    let limit = |i: usize| -> Result<Limit> {
        let text: String = row.get(i)?;
        Limit::parse(&text)
            .map_err(|e| Error::failed(format!("the catalogue holds a limit that is none: {e}")))
    };
    let body = MatterBody {
        code: row.get(1)?,
        kind: row.get(2)?,
        class_code: row.get(3)?,
        class: names(4)?,
        names: names(6)?,
        standard_ref: row.get(8)?,
        limit_condition: names(9)?,
        handle_limit: limit(11)?,
        limit_source: names(12)?,
        accept_limit: limit(14)?,
        dispatch_limit: limit(15)?,
        sign_limit: limit(16)?,
        verify: word(row, 17, super::model::Verify::parse)?,
        verify_rate: row.get(18)?,
        callback: word(row, 19, super::model::Callback::parse)?,
        callback_rate: row.get(20)?,
        duty_list: word(row, 21, super::model::DutyList::parse)?,
        lead_department: names(22)?,
        secret: word(row, 24, super::model::Secret::parse)?,
        emergency: row.get(25)?,
        photos: word(row, 26, super::model::Photos::parse)?,
        close_condition: names(27)?,
        synonyms: split(&row.get::<String>(29)?),
        judgement: names(30)?,
    };
    Ok(Matter {
        id: row.get(0)?,
        body,
        from_day: row.get(32)?,
        until_day: row.get(33)?,
        version: row.get(34)?,
    })
}

fn word<T>(row: &Row<'_>, index: usize, parse: impl Fn(&str) -> Option<T>) -> Result<T> {
    let text: String = row.get(index)?;
    parse(&text).ok_or_else(|| Error::failed(format!("the catalogue holds an unknown word {text:?}")))
}

/// Parts of a list kept in one column.
pub(super) fn split(text: &str) -> Vec<String> {
    text.split('|').map(str::trim).filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

pub(super) fn insert_matter(tx: &mut Tx<'_>, office: OfficeId, matter: &Matter) -> Result<()> {
    let b = &matter.body;
    tx.exec(
        &INSERT_MATTER,
        args![
            matter.id,
            office,
            &b.code,
            &b.kind,
            &b.class_code,
            &b.class.zh,
            &b.class.en,
            &b.names.zh,
            &b.names.en,
            &b.standard_ref,
            &b.limit_condition.zh,
            &b.limit_condition.en,
            b.handle_limit.to_string(),
            &b.limit_source.zh,
            &b.limit_source.en,
            b.accept_limit.to_string(),
            b.dispatch_limit.to_string(),
            b.sign_limit.to_string(),
            b.verify.as_str(),
            b.verify_rate,
            b.callback.as_str(),
            b.callback_rate,
            b.duty_list.as_str(),
            &b.lead_department.zh,
            &b.lead_department.en,
            b.secret.as_str(),
            b.emergency,
            b.photos.as_str(),
            &b.close_condition.zh,
            &b.close_condition.en,
            b.synonyms.join("|"),
            &b.judgement.zh,
            &b.judgement.en,
            matter.from_day,
            matter.until_day,
            matter.version
        ],
    )?;
    Ok(())
}

/// Sets the last day in force.
pub(super) fn end_matter(tx: &mut Tx<'_>, office: OfficeId, id: MatterId, until: Option<Day>) -> Result<()> {
    tx.exec(&END_MATTER, args![office, id, until])?;
    Ok(())
}

/// Every version of every row of the duty list.
pub(super) fn list_duties(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<DutyRow>> {
    tx.query(&DUTIES, args![office], |row| {
        let stored: String = row.get(5)?;
        let (basis, note) = stored.split_once('\n').unwrap_or((&stored, ""));
        let body = DutyBody {
            matter: row.get(1)?,
            place: row.get::<Option<PlaceId>>(2)?,
            lead: holder(row.get(3)?),
            co: split(&row.get::<String>(4)?)
                .iter()
                .filter_map(|part| part.parse().ok())
                .map(holder)
                .collect(),
            basis: basis.to_owned(),
            note: note.to_owned(),
        };
        Ok(DutyRow {
            id: row.get(0)?,
            body,
            from_day: row.get(6)?,
            until_day: row.get(7)?,
            version: row.get(8)?,
        })
    })
}

/// The number that stands for "the community's own unit", since no unit has it.
const COMMUNITY: i64 = 0;

fn holder(id: i64) -> Holder {
    if id == COMMUNITY { Holder::Community } else { Holder::Unit(UnitId(id)) }
}

fn holder_id(holder: Holder) -> i64 {
    match holder {
        Holder::Unit(id) => id.0,
        Holder::Community => COMMUNITY,
    }
}

/// Basis and note share a column: the note stands below the basis.
pub(super) fn insert_duty(tx: &mut Tx<'_>, office: OfficeId, row: &DutyRow) -> Result<()> {
    let co: Vec<String> = row.body.co.iter().map(|h| holder_id(*h).to_string()).collect();
    let basis = if row.body.note.is_empty() {
        row.body.basis.clone()
    } else {
        format!("{}\n{}", row.body.basis, row.body.note)
    };
    tx.exec(
        &INSERT_DUTY,
        args![
            row.id,
            office,
            &row.body.matter,
            row.body.place,
            holder_id(row.body.lead),
            co.join("|"),
            basis,
            row.from_day,
            row.until_day,
            row.version
        ],
    )?;
    Ok(())
}

/// Sets the last day in force.
pub(super) fn end_duty(tx: &mut Tx<'_>, office: OfficeId, id: DutyId, until: Option<Day>) -> Result<()> {
    tx.exec(&END_DUTY, args![office, id, until])?;
    Ok(())
}

/// The units of an office as the duty list needs them; read each time, since people change them elsewhere.
pub(super) fn list_units(tx: &mut Tx<'_>, office: OfficeId) -> Result<Vec<DutyUnit>> {
    tx.query(&UNITS, args![office], |row| {
        Ok(DutyUnit {
            id: row.get(0)?,
            code: row.get(1)?,
            name: row.get(2)?,
            kind: row.get(3)?,
            active: row.get(4)?,
            place: row.get(5)?,
        })
    })
}

//! SQL of the first look.

use crate::context::Cx;
use crate::features::indicators::service as indicators;
use crate::words::Locale;
use kernel::Ts;
use store::{Query, Result, Tx};

/// The same trouble at the same place, more than once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Again {
    /// The place's code and name; blank where none is known.
    pub place: (String, String),
    /// The place in words.
    pub address: String,
    /// The matter's code and name.
    pub matter: (String, String),
    /// How often.
    pub count: i64,
}

/// The places that come back: the same place and matter more than once among cases opened in a span, most first.
pub(super) fn again(
    tx: &mut Tx<'_>,
    cx: &Cx,
    locale: Locale,
    (from, before): (Ts, Ts),
    most: i64,
) -> Result<Vec<Again>> {
    let mut query =
        Query::new("select coalesce(p.code, ''), coalesce(p.name, ''), c.address, c.matter_code,");
    query.push(if locale == Locale::En { "coalesce(nullif(m.name_en, ''), m.name_zh)" } else { "m.name_zh" });
    query.push(
        ", count(*) from cases c join matter m on m.office = c.office and m.id = c.matter
         left join place p on p.office = c.office and p.id = c.place",
    );
    query.and("c.opened_at >= ? and c.opened_at < ?", [from.into(), before.into()]);
    query.and("c.place is not null or c.address <> ''", []);
    cx.actor.scope("demands.read").restrict(&mut query);
    indicators::restrict_where(&mut query, tx.dialect(), cx, "case.counted")?;
    query.push("group by p.code, p.name, c.address, c.matter_code, m.name_zh, m.name_en having count(*) > 1");
    query.bind("order by count(*) desc, p.code, c.address, c.matter_code limit ?", [most.into()]);
    tx.list(&query, |row| {
        Ok(Again {
            place: (row.get(0)?, row.get(1)?),
            address: row.get(2)?,
            matter: (row.get(3)?, row.get(4)?),
            count: row.get(5)?,
        })
    })
}

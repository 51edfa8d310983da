//! Making, opening and erasing parties.

use crate::context::Cx;
use crate::crypto::{self, Key};
use kernel::{CaseId, PartyId, ReportId};
use serde::{Deserialize, Serialize};
use store::{Arg, Error, Result, Sql, Tx, args, statements};

statements! {
    PUT = Sql::Both("insert into party (id, office, sealed, phone_index, created_at, erased_at) values ($1,$2,$3,$4,$5,null)");
    PUT_KEY = Sql::Both("insert into party_key (id, office, wrapped) values ($1,$2,$3)");
    KEY = Sql::Both("select wrapped from party_key where office = $1 and id = $2");
    SEALED = Sql::Both("select sealed from party where office = $1 and id = $2");
    OF_REPORT = Sql::Both("select party from report where office = $1 and id = $2");
    BY_PHONE = Sql::Both("select id from party where office = $1 and phone_index = $2 and erased_at is null");
    DROP_KEY = Sql::Both("delete from party_key where office = $1 and id = $2");
    ERASE = Sql::Both("update party set sealed = $3, phone_index = null, erased_at = $4 where office = $1 and id = $2 and erased_at is null");
    PUT_ERASURE = Sql::Both("insert into erasure (office, party, at) values ($1,$2,$3) on conflict (office, party) do nothing");
    FORGET_PHONES = Sql::Both(
        "update party set phone_index = null where office = $1 and phone_index is not null and not exists (
           select 1 from report r join report_case rc on rc.office = r.office and rc.report = r.id
           join cases c on c.office = rc.office and c.id = rc.case_id
           where r.office = party.office and r.party = party.id and (c.closed_at is null or c.closed_at > $2))");
}

/// A requester's contact.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// The name as given.
    #[serde(default)]
    pub name: String,
    /// The phone as given.
    #[serde(default)]
    pub phone: String,
    /// The address, doors included.
    #[serde(default)]
    pub address: String,
    /// The identifiers found in the text: chip and original.
    #[serde(default)]
    pub chips: Vec<(String, String)>,
}

impl Contact {
    /// Whether nothing was left.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.name.trim().is_empty()
            && self.phone.trim().is_empty()
            && self.address.trim().is_empty()
            && self.chips.is_empty()
    }

    /// As everybody who handles the case may see it: 王** 138****2041.
    #[must_use]
    pub fn masked(&self) -> Contact {
        Contact {
            name: text::mask_name(self.name.trim()),
            phone: text::mask_phone(self.phone.trim()),
            address: String::new(),
            chips: Vec::new(),
        }
    }
}

/// Stores a contact under a new key.
///
/// # Errors
/// When the database or the keys refuse.
pub fn create(tx: &mut Tx<'_>, cx: &Cx, contact: &Contact) -> Result<PartyId> {
    let id = PartyId(tx.id()?);
    let key: Key = crypto::random()?;
    let plain = serde_json::to_vec(contact).map_err(|e| Error::failed(e.to_string()))?;
    let sealed = crypto::seal(&key, label(id).as_bytes(), &plain)?;
    let wrapped = cx.vault.seal(cx.office.id, &label(id), &key)?;
    let index = match text::normalize_phone(&contact.phone) {
        Some(phone) => Arg::Blob(phone_index(cx, &phone)?),
        None => Arg::Null,
    };
    tx.exec(&PUT, &[id.into(), cx.office.id.into(), sealed.into(), index, cx.now.into()])?;
    tx.exec(&PUT_KEY, args![id, cx.office.id, wrapped])?;
    Ok(id)
}

fn label(id: PartyId) -> String {
    format!("party {id}")
}

fn phone_index(cx: &Cx, phone: &str) -> Result<Vec<u8>> {
    Ok(cx.vault.mac(cx.office.id, "phone", phone.as_bytes())?.to_vec())
}

fn key(tx: &mut Tx<'_>, cx: &Cx, party: PartyId) -> Result<Option<Key>> {
    let Some(wrapped) = tx.value::<Vec<u8>>(&KEY, args![cx.office.id, party])? else { return Ok(None) };
    let plain = cx.vault.open(cx.office.id, &label(party), &wrapped)?;
    Ok(Some(Key::try_from(plain).map_err(|_| Error::failed("a party's key is damaged"))?))
}

/// Opens a party; `None` when it was erased. The caller logs the reason before it shows anything.
///
/// # Errors
/// When the keys do not fit.
pub fn open(tx: &mut Tx<'_>, cx: &Cx, party: PartyId) -> Result<Option<Contact>> {
    let Some(key) = key(tx, cx, party)? else { return Ok(None) };
    let Some(sealed) = tx.value::<Vec<u8>>(&SEALED, args![cx.office.id, party])? else { return Ok(None) };
    let plain = crypto::open(&key, label(party).as_bytes(), &sealed)?;
    serde_json::from_slice(&plain).map(Some).map_err(|e| Error::failed(e.to_string()))
}

/// Seals what belongs to a report's requester and appears in a case's log: under the requester's key, or
/// under the office's where there is no requester.
///
/// # Errors
/// When the keys refuse.
pub fn seal_for_case(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: CaseId,
    report: ReportId,
    plain: &[u8],
) -> Result<Vec<u8>> {
    let bound = format!("case {case}");
    let party = tx.value::<Option<PartyId>>(&OF_REPORT, args![cx.office.id, report])?.flatten();
    let key = match party {
        Some(party) => key(tx, cx, party)?,
        None => None,
    };
    Ok(match key {
        Some(key) => crypto::seal(&key, bound.as_bytes(), plain)?,
        None => cx.vault.seal(cx.office.id, &bound, plain)?,
    })
}

/// Opens what [`seal_for_case`] made; `None` once the requester's key was destroyed.
///
/// # Errors
/// When the keys do not fit.
pub fn open_for_case(
    tx: &mut Tx<'_>,
    cx: &Cx,
    case: CaseId,
    report: ReportId,
    sealed: &[u8],
) -> Result<Option<Vec<u8>>> {
    let bound = format!("case {case}");
    let party = tx.value::<Option<PartyId>>(&OF_REPORT, args![cx.office.id, report])?.flatten();
    let key = match party {
        Some(party) => key(tx, cx, party)?,
        None => None,
    };
    Ok(match key {
        Some(key) => Some(crypto::open(&key, bound.as_bytes(), sealed)?),
        // Sealed under a key that is gone, unless there never was a requester.
        None => cx.vault.open(cx.office.id, &bound, sealed).ok(),
    })
}

/// The parties with a phone number: for the call in progress and one's own repeats only (DECISIONS 25).
///
/// # Errors
/// When the database refuses.
pub fn by_phone(tx: &mut Tx<'_>, cx: &Cx, phone: &str) -> Result<Vec<PartyId>> {
    let Some(phone) = text::normalize_phone(phone) else { return Ok(Vec::new()) };
    let index = phone_index(cx, &phone)?;
    tx.query(&BY_PHONE, args![cx.office.id, index], |row| row.get(0))
}

/// Destroys a party's key and everything sealed under it; true when there was something to destroy.
///
/// # Errors
/// When the database refuses.
pub fn erase(tx: &mut Tx<'_>, cx: &Cx, party: PartyId) -> Result<bool> {
    tx.exec(&DROP_KEY, args![cx.office.id, party])?;
    let erased = tx.exec(&ERASE, args![cx.office.id, party, Vec::<u8>::new(), cx.now])? > 0;
    tx.exec(&PUT_ERASURE, args![cx.office.id, party, cx.now])?;
    Ok(erased)
}

/// Forgets the phone index of parties all of whose cases closed before an instant: 30 days (DECISIONS 25).
///
/// # Errors
/// When the database refuses.
pub fn forget_phones(tx: &mut Tx<'_>, cx: &Cx, closed_before: kernel::Ts) -> Result<u64> {
    tx.exec(&FORGET_PHONES, args![cx.office.id, closed_before])
}

//! Ids: 63-bit integers, one type per thing, printed as strings in JSON, because JavaScript loses the
//! last digits of large integers (DECISIONS 7).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Declares id types and hands their names to a macro of the caller, so that other crates can implement
/// their traits for all of them.
macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {
        $(
            $(#[$doc])*
            #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
            pub struct $name(pub i64);

            impl Serialize for $name {
                fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                    to.collect_str(&self.0)
                }
            }

            impl<'de> Deserialize<'de> for $name {
                fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                    deserialize_id(from).map($name)
                }
            }

            impl std::fmt::Display for $name {
                fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    self.0.fmt(f)
                }
            }

            impl std::str::FromStr for $name {
                type Err = std::num::ParseIntError;
                fn from_str(text: &str) -> Result<Self, Self::Err> {
                    text.parse().map($name)
                }
            }
        )*

        /// Calls `$make!(A, B, …)` with the names of all id types.
        #[macro_export]
        macro_rules! for_each_id {
            ($make:ident) => { $make!($($name),*); };
        }
    };
}

ids! {
    /// A tenant: a street, a district desk, a department.
    OfficeId,
    /// A place of the tree.
    PlaceId,
    /// A unit of the office or around it.
    UnitId,
    /// A post 岗位, which holds work and rights.
    PostId,
    /// Somebody's account.
    AccountId,
    /// A role: a list of grants.
    RoleId,
    /// A row of the matter catalogue, one version of it.
    MatterId,
    /// A row of the duty list, one version of it.
    DutyId,
    /// What somebody said.
    ReportId,
    /// The trouble being handled.
    CaseId,
    /// A unit's part in a case.
    AssignmentId,
    /// A deadline of a case or an assignment.
    ClockId,
    /// A request that waits for a decision.
    RequestId,
    /// A requester, sealed.
    PartyId,
    /// A picture or file.
    AttachmentId,
}

fn deserialize_id<'de, D: Deserializer<'de>>(from: D) -> Result<i64, D::Error> {
    struct Visitor;
    impl de::Visitor<'_> for Visitor {
        type Value = i64;
        fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            f.write_str("an id as string or integer")
        }
        fn visit_i64<E: de::Error>(self, v: i64) -> Result<i64, E> {
            Ok(v)
        }
        fn visit_u64<E: de::Error>(self, v: u64) -> Result<i64, E> {
            i64::try_from(v).map_err(E::custom)
        }
        fn visit_str<E: de::Error>(self, v: &str) -> Result<i64, E> {
            v.parse().map_err(E::custom)
        }
    }
    from.deserialize_any(Visitor)
}

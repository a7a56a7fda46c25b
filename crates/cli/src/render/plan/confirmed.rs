//! The confirmed time of the way back, as one line.

use ripcord_server::{Standing, rehearsal::ConfirmedTime};

use crate::render::{layout::Rows, look::Tone};

/// `confirmed  1 min 40 s on 14 April by maya, counts until 28 April`, or why there is none.
pub fn row(rows: &mut Rows<'_>, confirmed: &ConfirmedTime) {
    let by = confirmed.by.as_ref().map_or_else(String::new, |by| format!(" by {by}"));
    match &confirmed.standing {
        Standing::Confirmed { at, took, until, .. } => {
            let (took, on, until) = (took.human(), at.day_and_month(), until.day_and_month());
            rows.row("confirmed", &format!("{took} on {on}{by}, counts until {until}"));
        }
        standing @ (Standing::NoStaging
        | Standing::Missing
        | Standing::NoRunbook { .. }
        | Standing::Failed { .. }
        | Standing::Void { .. }
        | Standing::Expired { .. }
        | Standing::OverBudget { .. }) => {
            rows.painted("confirmed", &format!("no: {}", why(standing)), Some(Tone::Warning));
        }
    }
}

fn why(standing: &Standing) -> String {
    match standing {
        Standing::Missing => "never rehearsed".to_owned(),
        Standing::NoStaging
        | Standing::NoRunbook { .. }
        | Standing::Failed { .. }
        | Standing::Void { .. }
        | Standing::Expired { .. }
        | Standing::OverBudget { .. }
        | Standing::Confirmed { .. } => standing.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use ripcord_model::{Actor, Duration, Person, Timestamp};

    use super::*;
    use crate::render::look::Look;

    fn shown(standing: Standing) -> String {
        let look = Look::plain();
        let mut rows = Rows::new(&look);
        let by = Some(Actor::person(Person::new("maya").unwrap()));
        row(&mut rows, &ConfirmedTime { standing, by });
        rows.finish().trim().to_owned()
    }

    #[test]
    fn it_says_how_long_when_by_whom_and_until_when_or_why_not() {
        let at = Timestamp::from_ms(1_776_160_800_000);
        let (took, budget) = (Duration::from_secs(100), Duration::from_secs(360));
        let until = at.plus(Duration::from_mins(14 * 24 * 60));
        let confirmed = shown(Standing::Confirmed { at, took, budget, until });
        assert_eq!(confirmed, "confirmed  1 min 40 s on 14 April by maya, counts until 28 April");
        assert_eq!(shown(Standing::Missing), "confirmed  no: never rehearsed");
        let changed = vec!["runbooks/exam.md changed".to_owned()];
        let void = shown(Standing::Void { at, changed });
        assert_eq!(void, "confirmed  no: void: runbooks/exam.md changed since 14 April");
    }
}

//! When schedules come due.

use super::Schedule;
use crate::protocol::seconds;

const AFTER: &str = "2026-01-01T00:00:30Z";

#[test]
fn rates_count_from_the_last_time() {
    for (text, expected) in [
        ("rate(1 minute)", Some(60.0)),
        ("rate(5 minutes)", Some(300.0)),
        ("rate(4 hours)", Some(14_400.0)),
        ("rate(30 days)", Some(2_592_000.0)),
        ("rate(1 minutes)", None),
        ("rate(2 minute)", None),
        ("rate(0 days)", None),
        ("rate(3 weeks)", None),
        ("every day", None),
    ] {
        let found = Schedule::parse(text).and_then(|schedule| schedule.next(1000.0));
        assert_eq!(found, expected.map(|seconds| 1000.0 + seconds), "{text}");
    }
}

#[test]
fn cron_expressions_name_their_next_time() {
    for (text, expected) in [
        ("cron(0 10 * * ? *)", "2026-01-01T10:00:00Z"),
        ("cron(0/15 * * * ? *)", "2026-01-01T00:15:00Z"),
        ("cron(0 8 1 * ? *)", "2026-01-01T08:00:00Z"),
        ("cron(0 0 1 * ? *)", "2026-02-01T00:00:00Z"),
        ("cron(15 10 ? * 6L *)", "2026-01-30T10:15:00Z"),
        ("cron(0 8 ? * MON-FRI *)", "2026-01-01T08:00:00Z"),
        ("cron(0 8 ? * TUE#2 *)", "2026-01-13T08:00:00Z"),
        ("cron(0 4 L * ? *)", "2026-01-31T04:00:00Z"),
        ("cron(0 4 3W * ? *)", "2026-01-02T04:00:00Z"),
        ("cron(0 4 29 FEB ? *)", "2028-02-29T04:00:00Z"),
        ("cron(0 4 1 1,7 ? 2027-2030)", "2027-01-01T04:00:00Z"),
        ("cron(0 /8 * * ? *)", ""),
        ("cron(0 10 * * * *)", ""),
        ("cron(0 10 ? * ? *)", ""),
        ("cron(60 10 * * ? *)", ""),
        ("cron(0 10 * * ?)", ""),
        ("cron(0 10 * * ? 2020)", ""),
    ] {
        let after = seconds(AFTER).unwrap_or_default();
        let found = Schedule::parse(text).and_then(|schedule| schedule.next(after));
        assert_eq!(found, seconds(expected), "{text}");
    }
}

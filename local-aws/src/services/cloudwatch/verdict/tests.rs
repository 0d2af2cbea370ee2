use super::{Missing, Rule, State, judge};

/// Checks one row of AWS's tables: points oldest first (`0` fine, `X` breaching, `-` missing), and what each treatment
/// of missing points makes of them: missing, ignore, breaching, notBreaching.
#[track_caller]
fn check(points: &str, datapoints: usize, expected: [Option<State>; 4]) {
    let point = |letter: char| match letter {
        '0' => Some(false),
        'X' => Some(true),
        _ => None,
    };
    let points: Vec<Option<bool>> = points.chars().rev().map(point).collect();
    let treatments =
        [Missing::Unknown, Missing::Ignored, Missing::Breaching, Missing::NotBreaching];
    for (missing, state) in treatments.into_iter().zip(expected) {
        assert_eq!(judge(&points, Rule { datapoints, periods: 3, missing }), state, "{missing:?}");
    }
}

#[test]
fn three_of_three_as_documented() {
    let (ok, alarm, insufficient) =
        (Some(State::Ok), Some(State::Alarm), Some(State::InsufficientData));
    check("0-X-X", 3, [ok, ok, ok, ok]);
    check("----0", 3, [ok, ok, ok, ok]);
    check("-----", 3, [insufficient, None, alarm, ok]);
    check("0XX-X", 3, [alarm, alarm, alarm, alarm]);
    check("--X--", 3, [alarm, None, alarm, ok]);
}

#[test]
fn two_of_three_as_documented() {
    let (ok, alarm) = (Some(State::Ok), Some(State::Alarm));
    check("0-X-X", 2, [alarm, alarm, alarm, alarm]);
    check("00X0X", 2, [alarm, alarm, alarm, alarm]);
    check("0-X--", 2, [ok, ok, alarm, ok]);
    check("----0", 2, [ok, ok, alarm, ok]);
    check("---X-", 2, [alarm, None, alarm, ok]);
}

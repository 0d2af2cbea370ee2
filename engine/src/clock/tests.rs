use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use super::Clock;

#[tokio::test(start_paused = true)]
async fn a_clock_runs_at_its_rate_from_where_it_starts() {
    for (rate, real) in
        [(1.0, 3600), (60.0, 60), (0.5, 7200), (0.0, 3600), (-3.0, 3600), (f64::NAN, 3600)]
    {
        let (clock, start) = (Clock::new(Timestamp::UNIX_EPOCH, rate), Instant::now());
        clock.sleep(Duration::from_hours(1)).await;
        assert_eq!(start.elapsed().as_secs(), real, "{rate}");
        assert_eq!(clock.elapsed(), Duration::from_hours(1), "{rate}");
        assert_eq!(clock.now().to_string(), "1970-01-01T01:00:00Z", "{rate}");
    }
}

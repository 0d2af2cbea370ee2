//! The sizes that Fargate has: <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>

const GIB: i64 = 1024;

/// The memory in MiB that goes with CPU units: least, most, step; and for the smallest the three values themselves.
fn memory_of(cpu: i64) -> Option<(i64, i64, i64)> {
    match cpu {
        512 => Some((GIB, 4 * GIB, GIB)),
        1024 => Some((2 * GIB, 8 * GIB, GIB)),
        2048 => Some((4 * GIB, 16 * GIB, GIB)),
        4096 => Some((8 * GIB, 30 * GIB, GIB)),
        8192 => Some((16 * GIB, 60 * GIB, 4 * GIB)),
        16384 => Some((32 * GIB, 120 * GIB, 8 * GIB)),
        32768 => Some((60 * GIB, 244 * GIB, 4 * GIB)),
        _ => None,
    }
}

/// Whether Fargate has tasks of this size.
pub(super) fn exists(cpu: i64, memory: i64) -> bool {
    if cpu == 256 {
        return [512, GIB, 2 * GIB].contains(&memory);
    }
    memory_of(cpu).is_some_and(|(least, most, step)| {
        (least..=most).contains(&memory) && (memory - least) % step == 0
    })
}

/// CPU units of a text such as `1024` or `1 vCPU`.
pub(super) fn cpu(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    match lower.trim().strip_suffix("vcpu") {
        Some(cores) => {
            let thousandths = thousandths(cores.trim())?;
            Some(thousandths * 1024 / 1000)
        }
        None => lower.trim().parse().ok(),
    }
}

/// MiB of a text such as `2048` or `2 GB`.
pub(super) fn memory(text: &str) -> Option<i64> {
    let lower = text.to_ascii_lowercase();
    match lower.trim().strip_suffix("gb") {
        Some(gib) => Some(thousandths(gib.trim())? * GIB / 1000),
        None => lower.trim().parse().ok(),
    }
}

/// A decimal number in thousandths.
fn thousandths(text: &str) -> Option<i64> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let whole = if whole.is_empty() { 0 } else { whole.parse::<i64>().ok()? };
    let part = format!("{part:0<3}");
    Some(whole * 1000 + part.get(..3)?.parse::<i64>().ok()?)
}

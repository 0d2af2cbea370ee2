//! The sizes that Fargate has.
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html>

use globecart_aws::engine::Invalid;

const GIB: u32 = 1024;

/// The memory in MiB that goes with CPU units: least, most and step.
fn memory_of(cpu: u32) -> Option<(u32, u32, u32)> {
    match cpu {
        512 => Some((GIB, 4 * GIB, GIB)),
        1024 => Some((2 * GIB, 8 * GIB, GIB)),
        2048 => Some((4 * GIB, 16 * GIB, GIB)),
        4096 => Some((8 * GIB, 30 * GIB, GIB)),
        8192 => Some((16 * GIB, 60 * GIB, 4 * GIB)),
        16_384 => Some((32 * GIB, 120 * GIB, 8 * GIB)),
        32_768 => Some((60 * GIB, 244 * GIB, 4 * GIB)),
        _ => None,
    }
}

/// Refuses a size that Fargate does not have.
pub(crate) fn check(cpu: u32, memory_mib: u32) -> Result<(), Invalid> {
    if cpu == 256 {
        return match memory_mib {
            512 | 1024 | 2048 => Ok(()),
            _ => Err(Invalid::new(
                "memory_mib",
                format!("with 256 CPU units must be 512, 1,024 or 2,048, not {memory_mib}"),
            )),
        };
    }
    let Some((least, most, step)) = memory_of(cpu) else {
        let problem =
            format!("must be 256, 512, 1,024, 2,048, 4,096, 8,192, 16,384 or 32,768, not {cpu}");
        return Err(Invalid::new("cpu", problem));
    };
    if (least..=most).contains(&memory_mib) && (memory_mib - least).is_multiple_of(step) {
        return Ok(());
    }
    let problem = format!(
        "with {cpu} CPU units must be {least} to {most} in steps of {step}, not {memory_mib}"
    );
    Err(Invalid::new("memory_mib", problem))
}

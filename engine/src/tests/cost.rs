//! What a run costs does not grow faster than what it does.

use std::fmt::Write as _;

use super::world::World;

/// Five layers of this many, each needing three of the layer before.
fn layers(width: usize) -> String {
    let mut text = String::new();
    for node in 0..5 * width {
        write!(text, "n{node:05}").unwrap();
        if let Some(before) = (node / width).checked_sub(1) {
            text.push_str(" <-");
            for step in [0, 1, 7] {
                let need = before * width + (node + step) % width;
                write!(text, " n{need:05}").unwrap();
            }
        }
        text.push('\n');
    }
    text
}

struct Cost {
    bytes_a_resource: usize,
    syncs: usize,
    calls: usize,
}

async fn cost_of(width: usize) -> Cost {
    let world = World::new();
    world.up(&layers(width)).await;
    let (journal, kept) = (world.disk.appends(), world.disk.kept());
    let bytes = journal.iter().sum::<usize>() + kept.snapshot.len();
    Cost {
        bytes_a_resource: bytes / (5 * width),
        syncs: journal.len(),
        calls: world.cloud.sent().len(),
    }
}

#[tokio::test(start_paused = true)]
async fn ten_times_as_many_resources_cost_ten_times_the_bytes_and_no_more_syncs() {
    let (few, many) = (cost_of(8).await, cost_of(80).await);
    let (few_bytes, many_bytes) = (few.bytes_a_resource, many.bytes_a_resource);
    // Lives start at random, so that one run may write them with a few digits more than another.
    assert!(few_bytes.abs_diff(many_bytes) < 100, "{few_bytes} and {many_bytes} bytes a resource");
    assert!(many_bytes < 1500, "{many_bytes} bytes a resource");
    // Whatever can start together shares one write, and whatever is waited for one read.
    assert_eq!(few.syncs, many.syncs);
    assert_eq!(few.calls - 40, many.calls - 400, "calls besides one create for each");
}

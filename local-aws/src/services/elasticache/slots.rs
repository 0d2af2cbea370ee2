//! The 16384 slots of a cluster: which shard has which, and how they move.

/// Slots of a cluster.
pub(super) const SLOTS: usize = 16_384;

/// The owner of each slot, as an index of a shard.
pub(super) type Owners = Vec<usize>;

/// The owners if shards have equal parts, one after the other.
pub(super) fn even(shards: usize) -> Owners {
    let starts: Vec<usize> = (0..=shards).map(|at| (at * SLOTS + shards / 2) / shards).collect();
    (0..SLOTS).map(|slot| starts.partition_point(|start| *start <= slot) - 1).collect()
}

/// Reads the slots of each shard, such as `0-5460,10923-11000`.
pub(super) fn read(shards: &[String]) -> Option<Owners> {
    let mut owners = vec![usize::MAX; SLOTS];
    for (shard, text) in shards.iter().enumerate() {
        for range in text.split(',').filter(|range| !range.trim().is_empty()) {
            let (from, to) = range.trim().split_once('-').unwrap_or((range.trim(), range.trim()));
            let (from, to): (usize, usize) = (from.parse().ok()?, to.parse().ok()?);
            for slot in owners.get_mut(from..=to)? {
                if *slot != usize::MAX {
                    return None;
                }
                *slot = shard;
            }
        }
    }
    (!owners.contains(&usize::MAX)).then_some(owners)
}

/// The slots of one shard as they are described.
pub(super) fn written(owners: &Owners, shard: usize) -> String {
    let mut ranges: Vec<(usize, usize)> = Vec::new();
    for slot in (0..SLOTS).filter(|slot| owners[*slot] == shard) {
        match ranges.last_mut() {
            Some((_, last)) if *last + 1 == slot => *last = slot,
            _ => ranges.push((slot, slot)),
        }
    }
    let written = |(from, to): &(usize, usize)| {
        if from == to { from.to_string() } else { format!("{from}-{to}") }
    };
    ranges.iter().map(written).collect::<Vec<String>>().join(",")
}

/// The owners once the shards in `keep` have equal parts and all others none; as few slots as can be move.
pub(super) fn balanced(owners: &Owners, keep: &[usize]) -> Owners {
    let mut counts = vec![0; owners.iter().chain(keep).max().map_or(0, |most| most + 1)];
    for owner in owners {
        counts[*owner] += 1;
    }
    let share = |place: usize| SLOTS / keep.len() + usize::from(place < SLOTS % keep.len());
    let mut wanted = vec![0; counts.len()];
    // Who has most gets the larger shares, so that nothing moves for a remainder.
    let mut order = keep.to_vec();
    order.sort_by_key(|shard| std::cmp::Reverse(counts[*shard]));
    for (place, shard) in order.iter().enumerate() {
        wanted[*shard] = share(place);
    }
    let mut moved = owners.clone();
    for slot in (0..SLOTS).rev() {
        let owner = moved[slot];
        if counts[owner] <= wanted[owner] {
            continue;
        }
        if let Some(next) = keep.iter().copied().find(|shard| counts[*shard] < wanted[*shard]) {
            counts[owner] -= 1;
            counts[next] += 1;
            moved[slot] = next;
        }
    }
    moved
}

/// The owners after one of `left` equal steps towards others.
pub(super) fn step(owners: &Owners, goal: &Owners, left: usize) -> Owners {
    let moving: Vec<usize> = (0..SLOTS).filter(|slot| owners[*slot] != goal[*slot]).collect();
    let mut next = owners.clone();
    for slot in &moving[..moving.len().div_ceil(left.max(1))] {
        next[*slot] = goal[*slot];
    }
    next
}

//! How much is tried: everything in a torture, else a sample by seed.

use std::env;

/// Whether everything is to be tried, however long it takes: `GLOBECART_TORTURE=all`.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment how much to try")]
pub(crate) fn is_torture() -> bool {
    env::var("GLOBECART_TORTURE").is_ok_and(|how| how == "all")
}

/// What samples are drawn from: `GLOBECART_SEED`, or 1.
#[expect(clippy::disallowed_methods, reason = "tests are told by the environment how much to try")]
pub(crate) fn seed() -> u64 {
    env::var("GLOBECART_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1)
}

/// Which of `total` are tried, in order: every one in a torture, else `most` of them, drawn by `seed`.
pub(crate) fn chosen(total: usize, most: usize, seed: u64) -> Vec<usize> {
    let mut left: Vec<usize> = (0..total).collect();
    if is_torture() || total <= most {
        return left;
    }
    let mut state = seed;
    let mut chosen: Vec<usize> = (0..most)
        .map(|_| {
            state = mixed(state);
            let at = usize::try_from(state % left.len() as u64).expect("it is below a length");
            left.swap_remove(at)
        })
        .collect();
    chosen.sort_unstable();
    chosen
}

/// Says how many of how many were tried, of all that ran side by side.
#[expect(
    clippy::print_stdout,
    reason = "how many of how many is for whoever reads the tests' output"
)]
pub(crate) fn tell(what: &str, tried: &[(usize, usize)]) {
    let (count, of) = tried.iter().fold((0, 0), |sum, one| (sum.0 + one.0, sum.1 + one.1));
    println!("{what}: {count} of {of} (seed {})", seed());
}

/// The next of a sequence of numbers (`SplitMix64`).
fn mixed(state: u64) -> u64 {
    let mut z = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

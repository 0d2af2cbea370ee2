//! Lists that AWS answers in an order of its own.

use globecart_engine::Input;

/// The recorded list where the live one has the same elements, else the live one: so that order is no change.
pub fn in_recorded_order<T: Clone + Ord>(
    live: impl IntoIterator<Item = T>,
    recorded: &[Input<T>],
) -> Vec<Input<T>> {
    let live: Vec<Input<T>> = live.into_iter().map(Input::from).collect();
    let sorted = |list: &[Input<T>]| {
        let mut list = list.to_vec();
        list.sort();
        list
    };
    if sorted(&live) == sorted(recorded) { recorded.to_vec() } else { live }
}

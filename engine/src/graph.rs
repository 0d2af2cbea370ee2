//! What the engine needs to know of a graph: a cycle, and the longest remaining path.

use std::collections::BTreeMap;

use crate::Address;

/// A cycle among `nodes`, as the addresses along it with the first one repeated at the end.
pub(crate) fn cycle<'a, I>(
    nodes: impl Iterator<Item = &'a Address>,
    needs: impl Fn(&'a Address) -> I,
) -> Option<Vec<Address>>
where
    I: Iterator<Item = &'a Address>,
{
    // Iterative, because a chain of 100,000 resources would overflow the stack.
    let mut done: BTreeMap<&Address, bool> = BTreeMap::new();
    for start in nodes {
        if done.contains_key(start) {
            continue;
        }
        done.insert(start, false);
        let mut path = vec![(start, needs(start))];
        while let Some((_, next)) = path.last_mut() {
            match next.next() {
                None => {
                    let (node, _) = path.pop().expect("the loop looks at the last of the path");
                    done.insert(node, true);
                }
                Some(need) => match done.get(need) {
                    Some(true) => {}
                    None => {
                        done.insert(need, false);
                        path.push((need, needs(need)));
                    }
                    Some(false) => {
                        let from = path.iter().position(|(node, _)| *node == need)?;
                        let around = path[from..].iter().map(|(node, _)| (*node).clone());
                        return Some(around.chain([need.clone()]).collect());
                    }
                },
            }
        }
    }
    None
}

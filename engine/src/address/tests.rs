use proptest::prelude::*;

use super::{Address, NameRule, short_hash};

#[test]
fn an_address_is_within_whole_names_only() {
    let address = Address::new("network/private-a");
    for (scope, within) in [
        ("network", true),
        ("network/private-a", true),
        ("net", false),
        ("network/private", false),
        ("private-a", false),
        ("", false),
    ] {
        assert_eq!(address.is_within(scope), within, "{scope}");
    }
}

#[test]
fn a_name_is_cut_to_its_rule_and_ends_in_the_hash() {
    let address = Address::new("network/Private_a.b--c");
    let cases = [
        (NameRule::new(64), "shop-network-Private-a-b-c-0123abcd"),
        (NameRule::new(64).lower(), "shop-network-private-a-b-c-0123abcd"),
        (NameRule::new(64).allow("/_."), "shop-network/Private_a.b-c-0123abcd"),
        (NameRule::new(20), "shop-networ-0123abcd"),
        // The cut falls behind a hyphen.
        (NameRule::new(14), "shop-0123abcd"),
    ];
    for (rule, name) in cases {
        assert_eq!(rule.name("shop", &address, "0123abcd"), name);
    }
}

#[test]
fn a_hash_keeps_apart_what_is_joined_differently() {
    assert_ne!(short_hash(&["a", "bc"], 8), short_hash(&["ab", "c"], 8));
    assert_eq!(short_hash(&["a"], 8), short_hash(&["a"], 32)[..8]);
    assert_eq!([7, 8, 32].map(|digits| short_hash(&["a"], digits).len()), [7, 8, 32]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_name_always_fits_its_rule(stack in "[a-z][a-z0-9-]{0,31}", address in "[A-Za-z0-9_./-]{1,80}", max in 12..80_usize, lower: bool) {
        let rule = NameRule { max, lower, extra: "_" };
        let name = rule.name(&stack, &Address::new(address), "0123abcd");
        prop_assert!(name.len() <= max, "{} is longer than {}", name, max);
        prop_assert!(name.chars().all(|char| char.is_ascii_alphanumeric() || "-_".contains(char)));
        prop_assert!(!name.contains("--") && name.ends_with("-0123abcd") && name.starts_with(|char: char| char.is_ascii_lowercase()));
        prop_assert!(!lower || !name.chars().any(|char| char.is_ascii_uppercase()));
    }
}

//! What the README shows is what there is.

/// The README's program is the example that is built with the tests.
#[test]
fn the_program_of_ones_own_is_the_one_that_is_built() {
    let readme = include_str!("../../README.md");
    let example = include_str!("../examples/billing.rs");
    let (_, program) = example.split_once("\n\n").expect("the example begins with its description");
    assert!(
        readme.contains(program.trim_end()),
        "the README's program differs from examples/billing.rs"
    );
}

/// Every command of the first run is one that the program knows.
#[test]
fn the_commands_that_it_names_exist() {
    let readme = include_str!("../../README.md");
    let help = crate::binary::Folder::new().run_well(&["--help"]).out;
    let named = readme
        .lines()
        .filter_map(|line| line.trim().strip_prefix("cargo run -p globecart-app -- "));
    for command in named {
        for word in command
            .split('#')
            .next()
            .unwrap_or_default()
            .split_whitespace()
            .filter(|word| word.starts_with("--"))
        {
            assert!(
                help.contains(word) || ["--port", "--kept"].contains(&word),
                "{word} is in the README, not in the help"
            );
        }
        let verb = command.split_whitespace().next().expect("a verb");
        assert!(help.contains(verb), "{verb} is in the README, not in the help");
    }
}

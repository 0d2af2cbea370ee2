use super::*;

fn read(line: &str) -> Args {
    Args::read_from("shop", line.split(' ')).unwrap()
}

fn refused(line: &str) -> (i32, String) {
    let error = Args::read_from("shop", line.split(' ')).expect_err("this command line is wrong");
    (error.exit_code(), error.to_string().lines().next().unwrap_or_default().to_owned())
}

#[test]
fn without_a_command_it_is_up_on_the_embedded_aws() {
    let args = read("shop");
    assert!(matches!(args.verb(), Verb::Up { plan: None }));
    assert_eq!((args.target, args.done, args.yes), (Target::Local, Done::Ready, false));
    assert_eq!(args.state, Path::new(".globecart"));
    assert_eq!(args.settings(), (Path::new("globecart.toml"), false));
}

#[test]
fn flags_stand_before_and_after_the_command_and_repeat() {
    let args =
        read("shop --yes destroy --only network --only=database --confirm-data-loss database");
    assert!(matches!(args.verb(), Verb::Destroy { kept: false }));
    assert_eq!(args.only, ["network", "database"]);
    assert_eq!(args.confirm_data_loss, ["database"]);
    assert!(args.yes);
}

#[test]
fn a_secret_is_rotated_by_name() {
    let verb = read("shop rotate secrets").verb();
    assert!(matches!(verb, Verb::Rotate { name, clear_pending: false } if name == "secrets"));
    let verb = read("shop rotate --clear-pending shop/login --yes").verb();
    assert!(matches!(verb, Verb::Rotate { name, clear_pending: true } if name == "shop/login"));
    assert_eq!(refused("shop rotate").0, 2);
}

#[test]
fn the_speed_defaults_to_the_target() {
    assert!((read("shop").speed() - EMBEDDED_SPEED).abs() < f64::EPSILON);
    assert!((read("shop --target aws").speed() - 1.0).abs() < f64::EPSILON);
    assert!((read("shop serve --port 1 --speed 60").speed() - 60.0).abs() < f64::EPSILON);
}

#[test]
fn what_makes_no_sense_is_refused_with_exit_code_2() {
    let cases = [
        "shop upp",
        "shop --only network destroy --only database",
        "shop --speed 0",
        "shop --speed fast",
        "shop --target azure",
        "shop serve --target aws",
        "shop status --only network",
        "shop destroy --kept --only network",
        "shop plan --done accepted",
        "shop up saved.plan --only network",
        "shop output --confirm-data-loss x",
    ];
    let refusals: Vec<String> =
        cases.iter().map(|line| format!("{line}: {:?}", refused(line))).collect();
    insta::assert_snapshot!(refusals.join("\n"), @r#"
    shop upp: (2, "error: unrecognized subcommand 'upp'")
    shop --only network destroy --only database: (2, "error: give every --only and --confirm-data-loss on the same side of the command")
    shop --speed 0: (2, "error: invalid value '0' for '--speed <N>': must be a number above 0")
    shop --speed fast: (2, "error: invalid value 'fast' for '--speed <N>': must be a number above 0")
    shop --target azure: (2, "error: invalid value 'azure' for '--target <TARGET>'")
    shop serve --target aws: (2, "error: `serve` serves the embedded AWS; it has no other --target")
    shop status --only network: (2, "error: --only is for `up` without a saved plan, `plan` and `destroy`")
    shop destroy --kept --only network: (2, "error: `destroy --kept` removes all that is kept; it takes no --only and no --done")
    shop plan --done accepted: (2, "error: --done and --confirm-data-loss are for `up` and `destroy`")
    shop up saved.plan --only network: (2, "error: --only is for `up` without a saved plan, `plan` and `destroy`")
    shop output --confirm-data-loss x: (2, "error: --done and --confirm-data-loss are for `up` and `destroy`")
    "#);
}

#[test]
fn help_names_every_command() {
    let error = Args::read_from("shop", ["shop", "--help"]).expect_err("help is no run");
    assert_eq!(error.exit_code(), 0);
    let help = error.to_string();
    for word in [
        "Deploys the stack `shop`",
        "up",
        "plan",
        "destroy",
        "status",
        "output",
        "serve",
        "--target",
    ] {
        assert!(help.contains(word), "{word} is missing in {help}");
    }
}

#[test]
fn what_to_type_next_repeats_where_and_what() {
    assert_eq!(read("shop --yes --verbose").again(), "");
    let line =
        "shop destroy --target aws --state dir --region eu-west-1 --config a.toml --speed 2 --yes";
    assert_eq!(
        read(line).again(),
        " --target aws --region eu-west-1 --config a.toml --state dir --speed 2"
    );
    let args = Args::read_from("shop", ["shop", "--state", "my dir's"]).unwrap();
    assert_eq!(args.again(), r" --state 'my dir'\''s'");
}

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
        read("shop --only network destroy --only database --yes --confirm-data-loss database");
    assert!(matches!(args.verb(), Verb::Destroy));
    assert_eq!(args.only, ["network", "database"]);
    assert_eq!(args.confirm_data_loss, ["database"]);
    assert!(args.yes);
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
        "shop --speed 0",
        "shop --speed fast",
        "shop --target azure",
        "shop serve --target aws",
        "shop status --only network",
        "shop plan --done accepted",
        "shop up saved.plan --only network",
        "shop output --confirm-data-loss x",
    ];
    let refusals: Vec<String> =
        cases.iter().map(|line| format!("{line}: {:?}", refused(line))).collect();
    insta::assert_snapshot!(refusals.join("\n"), @"");
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

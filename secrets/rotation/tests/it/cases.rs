//! What can be wrong around a rotation: an error that names it, and a login that still works.

use std::sync::Arc;

use globecart_rotation::{
    Boundaries, CURRENT, Error, Kind, Outcome, PENDING, PREVIOUS, Refusal, Side, Step, Strategy,
};
use tokio::sync::Notify;

use crate::stage::{BOTH, Stage, quote};

#[track_caller]
fn check_error<T: std::fmt::Debug>(answer: Result<T, Error>, kind: Kind, expected: &str) {
    let error = answer.unwrap_err();
    assert!(error.to_string().contains(expected), "{error}");
    assert_eq!(error.kind(), kind, "{error}");
}

#[tokio::test]
async fn with_a_single_user_the_old_password_is_refused() {
    let Some(stage) = Stage::set(Strategy::SingleUser).await else { return };
    for token in ["v2", "v3", "v4"] {
        stage.rotate(token).await;
        stage.assert_current(token).await;
        assert_eq!(stage.login(CURRENT).0, stage.user);
        assert!(!stage.logs_in(&stage.login(PREVIOUS)).await);
    }
}

#[tokio::test]
async fn with_alternating_users_the_old_login_works_until_the_next_rotation() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    let mut oldest = stage.login(CURRENT);
    for (token, clone) in [("v2", "_clone"), ("v3", ""), ("v4", "_clone")] {
        let before = stage.login(CURRENT);
        stage.rotate(token).await;
        stage.assert_current(token).await;
        assert_eq!(stage.login(CURRENT).0, format!("{}{clone}", stage.user));
        assert!(stage.logs_in(&before).await);
        if oldest != before {
            assert!(!stage.logs_in(&oldest).await);
        }
        oldest = before;
    }
}

#[tokio::test]
async fn both_users_see_what_either_has_made() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.rotate("v2").await;
    let (clone, user) = (stage.login(CURRENT), stage.login(PREVIOUS));
    for (number, (maker, reader)) in [(&user, &clone), (&clone, &user)].into_iter().enumerate() {
        let statement = format!("CREATE SCHEMA s{number} CREATE TABLE t (n int)");
        stage.session(maker).await.unwrap().batch_execute(&statement).await.unwrap();
        let statement =
            format!("INSERT INTO s{number}.t VALUES (1); ALTER TABLE s{number}.t ADD m int");
        stage.session(reader).await.unwrap().batch_execute(&statement).await.unwrap();
        let statement = format!("CREATE TABLE public.p{number} (n int)");
        stage.session(reader).await.unwrap().batch_execute(&statement).await.unwrap();
    }
    stage.rotate("v3").await;
    let session = stage.session(&stage.login(CURRENT)).await.unwrap();
    session.batch_execute("DROP TABLE s0.t, s1.t, p0, p1").await.unwrap();
}

/// From one user to two and back, with everything it has made.
#[tokio::test]
async fn the_strategy_can_change() {
    let Some(mut stage) = Stage::set(Strategy::SingleUser).await else { return };
    stage.rotate("v2").await;
    let session = stage.session(&stage.login(CURRENT)).await.unwrap();
    session.batch_execute("CREATE TABLE t (n int)").await.unwrap();
    stage.target.strategy = Strategy::AlternatingUsers;
    stage.rotate("v3").await;
    let session = stage.session(&stage.login(CURRENT)).await.unwrap();
    session.batch_execute("INSERT INTO t VALUES (1)").await.unwrap();
    stage.target.strategy = Strategy::SingleUser;
    stage.rotate("v4").await;
    assert_eq!(stage.login(CURRENT).0, format!("{}_clone", stage.user));
    stage.assert_current("v4").await;
}

#[tokio::test]
async fn a_password_changed_outside_is_told_and_nothing_is_changed() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        stage.rotate("v2").await;
        let (user, password) = stage.login(CURRENT);
        let role = quote(&user);
        stage.admin(&format!("ALTER ROLE {role} PASSWORD 'changed by hand'")).await;
        stage.create("v3").await;
        let refused = stage.step(Step::Set, "v3").await;
        check_error(refused, Kind::Login, "refuses the current password");
        assert!(stage.logs_in(&(user, "changed by hand".to_owned())).await);
        assert!(!stage.logs_in(&stage.login(PENDING)).await);

        stage.admin(&format!("ALTER ROLE {role} PASSWORD '{password}'")).await;
        stage.steps("v3", Boundaries::default()).await.unwrap();
        stage.assert_current("v3").await;
    }
}

#[tokio::test]
async fn a_database_restored_to_before_the_last_rotation_is_taken_up() {
    let Some(stage) = Stage::set(Strategy::SingleUser).await else { return };
    stage.rotate("v2").await;
    stage.rotate("v3").await;
    let (_, before) = stage.login(PREVIOUS);
    stage.admin(&format!("ALTER ROLE {} PASSWORD '{before}'", stage.quoted_user())).await;
    assert!(!stage.logs_in(&stage.login(CURRENT)).await);
    stage.rotate("v4").await;
    stage.assert_current("v4").await;
}

#[tokio::test]
async fn a_user_that_was_dropped_is_not_made_again() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        stage.rotate("v2").await;
        let role = quote(&stage.login(CURRENT).0);
        stage.admin(&format!("DROP ROLE {role}")).await;
        stage.create("v3").await;
        check_error(stage.step(Step::Set, "v3").await, Kind::Login, "has no user");
        assert!(!stage.logs_in(&stage.login(CURRENT)).await);
    }
}

#[tokio::test]
async fn a_user_that_was_there_before_is_rotated() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        let (user, (_, password)) = (stage.quoted_user(), stage.login(CURRENT));
        stage
            .admin(&format!("CREATE ROLE {user} LOGIN PASSWORD '{}'", password.replace('\'', "''")))
            .await;
        let grant =
            format!("GRANT CONNECT ON DATABASE {} TO {user}", quote(&stage.target.database));
        if strategy == Strategy::SingleUser {
            stage.admin(&grant).await;
        } else {
            // Without a right of its own the first login fails for another reason than the password.
            stage
                .admin(&format!(
                    "GRANT CONNECT ON DATABASE {} TO PUBLIC",
                    quote(&stage.target.database)
                ))
                .await;
        }
        stage.rotate("v2").await;
        stage.assert_current("v2").await;
        if strategy == Strategy::AlternatingUsers {
            assert!(stage.logs_in(&stage.login(PREVIOUS)).await);
        }
    }
}

#[tokio::test]
async fn objects_of_the_users_own_are_not_hidden_from_it() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    let (user, (_, password)) = (stage.quoted_user(), stage.login(CURRENT));
    let password = password.replace('\'', "''");
    stage.admin(&format!("CREATE ROLE {user} LOGIN PASSWORD '{password}'")).await;
    stage
        .admin(&format!("GRANT CONNECT ON DATABASE {} TO {user}", quote(&stage.target.database)))
        .await;
    stage.create("v2").await;
    check_error(stage.step(Step::Set, "v2").await, Kind::Mismatch, "its clone would not see");
    assert!(stage.logs_in(&stage.login(CURRENT)).await);
}

#[tokio::test]
async fn a_user_with_rights_over_others_is_refused() {
    let Some(stage) = Stage::set(Strategy::SingleUser).await else { return };
    stage.rotate("v2").await;
    stage.admin(&format!("ALTER ROLE {} CREATEROLE", stage.quoted_user())).await;
    stage.create("v3").await;
    check_error(stage.step(Step::Set, "v3").await, Kind::Mismatch, "may do more in the database");
    assert!(stage.logs_in(&stage.login(CURRENT)).await);
}

#[tokio::test]
async fn the_superuser_itself_is_refused() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.rotate("v2").await;
    let (user, password) = stage.login(PREVIOUS);
    let login = serde_json::json!({"username": user, "password": password}).to_string();
    stage.secrets.create("arn:master", "first", &login);
    stage.create("v3").await;
    check_error(stage.step(Step::Set, "v3").await, Kind::Mismatch, "the superuser itself");
    assert!(stage.logs_in(&stage.login(CURRENT)).await);
}

#[tokio::test]
async fn a_superuser_whose_password_is_changing_is_tried_again() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.create("v2").await;
    let login = stage.secrets.value("arn:master", CURRENT).unwrap();
    let outdated = login.replace("of the master", "of the master before");
    stage.secrets.create("arn:master", "first", &outdated);
    let refused = stage.steps("v2", Boundaries::default()).await;
    check_error(refused, Kind::Login, "refuses the password of the superuser");
    stage.secrets.create("arn:master", "first", &login);
    stage.steps("v2", Boundaries::default()).await.unwrap();
    stage.assert_current("v2").await;
}

#[tokio::test]
async fn a_superuser_that_may_not_open_the_database_leaves_nothing_behind() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        let database = quote(&stage.target.database);
        stage.admin(&format!("ALTER DATABASE {database} OWNER TO postgres")).await;
        stage.admin(&format!("GRANT CONNECT ON DATABASE {database} TO PUBLIC")).await;
        stage.create("v2").await;
        check_error(stage.step(Step::Set, "v2").await, Kind::Database, "could not let");
        assert!(!stage.logs_in(&stage.login(PENDING)).await);
        let owner = quote(&format!("{}_owner", stage.user));
        // It would fail if the role were there.
        stage.admin(&format!("CREATE ROLE {owner}")).await;
    }
}

#[tokio::test]
async fn keys_that_may_not_be_used_are_told_with_what_is_needed() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.rotate("v2").await;
    stage.create("v3").await;
    let denied = Refusal::new("AccessDeniedException", "Access to KMS is not allowed");
    stage.secrets.refuse_next("GetSecretValue", denied.clone());
    check_error(stage.step(Step::Set, "v3").await, Kind::Denied, "kms:Decrypt on its key");
    assert!(stage.logs_in(&stage.login(CURRENT)).await);
    stage.steps("v3", Boundaries::default()).await.unwrap();
    stage.assert_current("v3").await;
}

/// After a failover the writer's name may lead to a reader for a while.
#[tokio::test]
async fn a_reader_takes_no_password() {
    for strategy in BOTH {
        let Some(mut stage) = Stage::alone(strategy).await else { return };
        stage.rotate("v2").await;
        stage.create("v3").await;
        stage.restart(true);
        let refused = stage.step(Step::Set, "v3").await;
        check_error(refused, Kind::ReadOnly, "the writer's endpoint");
        assert!(stage.logs_in(&stage.login(CURRENT)).await);
        stage.restart(false);
        stage.step(Step::Set, "v3").await.unwrap();
        stage.restart(true);
        check_error(stage.step(Step::Test, "v3").await, Kind::ReadOnly, "is a reader");
        stage.restart(false);
        stage.steps("v3", Boundaries::default()).await.unwrap();
        stage.assert_current("v3").await;
    }
}

#[tokio::test]
async fn a_database_that_is_kept_from_changes_takes_no_password() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.rotate("v2").await;
    let database = quote(&stage.target.database);
    let only_reads = format!("ALTER DATABASE {database} SET default_transaction_read_only = on");
    stage.admin(&only_reads).await;
    stage.create("v3").await;
    let refused = stage.step(Step::Set, "v3").await;
    check_error(refused, Kind::ReadOnly, "the database takes no changes");
    assert!(stage.logs_in(&stage.login(CURRENT)).await);
}

#[tokio::test]
async fn a_user_that_only_reads_is_rotated() {
    let Some(stage) = Stage::set(Strategy::SingleUser).await else { return };
    stage.rotate("v2").await;
    let user = stage.quoted_user();
    stage.admin(&format!("ALTER ROLE {user} SET default_transaction_read_only = on")).await;
    stage.rotate("v3").await;
    stage.assert_current("v3").await;
}

#[tokio::test]
async fn a_database_that_is_not_there_is_told() {
    let Some(mut stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.target.database = "no such database".to_owned();
    stage = stage.again();
    stage.create("v2").await;
    // PostgreSQL checks the password first, so the pending login is plainly refused; the superuser's tells.
    check_error(stage.step(Step::Set, "v2").await, Kind::Database, "no such database");
}

#[tokio::test]
async fn a_clone_that_does_not_act_as_the_owner_is_not_put_into_use() {
    let Some(stage) = Stage::set(Strategy::AlternatingUsers).await else { return };
    stage.create("v2").await;
    stage.step(Step::Set, "v2").await.unwrap();
    let clone = quote(&format!("{}_clone", stage.user));
    stage.admin(&format!("ALTER ROLE {clone} RESET role")).await;
    check_error(stage.step(Step::Test, "v2").await, Kind::Database, "does not act as");
    assert!(stage.logs_in(&stage.login(CURRENT)).await);
    // The next rotation mends it.
    stage.secrets.clear_pending(&stage.secret).unwrap();
    stage.rotate("v3").await;
    stage.assert_current("v3").await;
}

#[tokio::test]
async fn a_pending_password_that_was_not_set_is_not_put_into_use() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        stage.rotate("v2").await;
        stage.create("v3").await;
        check_error(
            stage.step(Step::Test, "v3").await,
            Kind::Login,
            "refuses the pending password",
        );
        assert!(stage.logs_in(&stage.login(CURRENT)).await);
    }
}

#[tokio::test]
async fn two_at_once_are_one_rotation() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        stage.create("v2").await;
        let (one, other) = tokio::join!(stage.step(Step::Set, "v2"), stage.step(Step::Set, "v2"));
        // The second may find the roles made by the first, and then the password that it has set.
        let done = [&one, &other].iter().filter(|answer| answer.is_ok()).count();
        assert!(done >= 1, "{one:?} {other:?}");
        stage.steps("v2", Boundaries::default()).await.unwrap();
        stage.assert_current("v2").await;
    }
}

/// An invocation that was held up must not set a password that is no longer to become the current one.
#[tokio::test]
async fn what_waited_too_long_changes_nothing() {
    let Some(stage) = Stage::set(Strategy::SingleUser).await else { return };
    stage.rotate("v2").await;
    stage.create("v3").await;
    let holder = stage.server.superuser(&stage.target.database).await.unwrap();
    let name = format!("globecart-rotation {}", stage.user).replace('\'', "''");
    let (lock, unlock) = (
        format!("SELECT pg_advisory_lock(hashtextextended('{name}', 0))"),
        format!("SELECT pg_advisory_unlock(hashtextextended('{name}', 0))"),
    );
    holder.batch_execute(&lock).await.unwrap();
    let waits = Arc::new(Notify::new());
    let notify = Arc::clone(&waits);
    let boundaries = Boundaries::new(move |call, side| {
        if call == "waiting for other invocations" && side == Side::Before {
            notify.notify_one();
        }
        false
    });
    let rotation = stage.rotation().with_boundaries(boundaries);
    let event = stage.event(Step::Set, "v3");
    let meanwhile = async {
        waits.notified().await;
        stage.secrets.clear_pending(&stage.secret).unwrap();
        holder.batch_execute(&unlock).await.unwrap();
    };
    let (answer, ()) = tokio::join!(Box::pin(rotation.invoke(&event)), meanwhile);
    check_error(answer, Kind::State, "no version with the event's ClientRequestToken");
    stage.assert_current("v2").await;
}

#[tokio::test]
async fn duplicates_do_nothing() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        stage.secrets.rotate(&stage.secret, "v2").unwrap();
        for step in Step::ALL {
            assert_eq!(stage.step(step, "v2").await, Ok(Outcome::Done));
            let again = stage.step(step, "v2").await.unwrap();
            // Testing twice is no harm.
            assert!(step == Step::Test || matches!(again, Outcome::Nothing(_)), "{step:?}");
        }
        stage.assert_current("v2").await;
    }
}

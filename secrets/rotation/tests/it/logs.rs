//! What the server's log holds of passwords.

use std::collections::BTreeSet;

use globecart_rotation::{CURRENT, Error, Kind, Step};

use crate::stage::{BOTH, FIRST, Stage};

/// The log of an RDS database goes to CloudWatch, with every statement if `log_statement` says so.
#[tokio::test]
async fn no_password_reaches_it() {
    for strategy in BOTH {
        let Some(stage) = Stage::alone(strategy).await else { return };
        let mut passwords = BTreeSet::new();
        for token in ["v2", "v3", "v4"] {
            stage.rotate(token).await;
            assert!(passwords.insert(stage.login(CURRENT).1));
        }
        stage.admin("SELECT 'the end of the rotations'").await;
        let log = stage.server.log_until("the end of the rotations");
        assert!(log.contains("PASSWORD 'SCRAM-SHA-256$4096:"), "statements are logged");
        assert!(!log.contains(FIRST));
        for password in passwords {
            assert!(!log.contains(&password));
        }
    }
}

/// Whatever goes wrong, what is told of it holds no password.
#[tokio::test]
async fn no_password_is_in_an_error() {
    for strategy in BOTH {
        let Some(stage) = Stage::set(strategy).await else { return };
        stage.rotate("v2").await;
        stage.create("v3").await;
        let role = crate::stage::quote(&stage.login(CURRENT).0);
        stage.admin(&format!("ALTER ROLE {role} PASSWORD 'another'")).await;
        let error: Error = stage.step(Step::Set, "v3").await.unwrap_err();
        assert_eq!(error.kind(), Kind::Login);
        let told = format!("{error} {error:?}");
        for value in stage.secrets.values() {
            let value: serde_json::Value = serde_json::from_str(&value).unwrap();
            assert!(!told.contains(value["password"].as_str().unwrap()), "{told}");
        }
    }
}

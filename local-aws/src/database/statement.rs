//! What a cluster's database consists of, as statements.
//!
//! Passwords go out as SCRAM verifiers: a server may log statements.

use super::server::{Failure, Postgres};
use crate::services::rds::backing::Backed;
use postgres_protocol::password::scram_sha_256;
use tokio_postgres::Client;

/// What starts the comments on what was made here.
const MARK: &str = "globecart embedded RDS: ";

/// The role that stands in for the one of RDS.
const SUPERUSER: &str = "rds_superuser";

fn identifier(name: &str) -> String {
    format!("\"{}\"", name.replace('"', "\"\""))
}

fn literal(text: &str) -> String {
    format!("'{}'", text.replace('\'', "''"))
}

fn mark(backed: &Backed) -> String {
    format!("{MARK}{}", backed.mark)
}

/// Makes the master user and the database of a cluster; what is there of it already stays.
pub(crate) async fn make(
    postgres: &Postgres,
    backed: &Backed,
    password: Option<&str>,
) -> Result<(), Failure> {
    let session = postgres.session(None).await?;
    free(&session, backed).await?;
    let user = identifier(&backed.user);
    if marked(&session, "pg_authid", "rolname", &backed.user).await?.is_none() {
        session
            .batch_execute(&format!(
                "BEGIN; CREATE ROLE {user} LOGIN CREATEROLE CREATEDB; COMMENT ON ROLE {user} IS {}; COMMIT",
                literal(&mark(backed))
            ))
            .await?;
    }
    grant_superuser(&session, &user).await?;
    if let Some(password) = password {
        alter_password(&session, &user, password).await?;
    }
    let Some(name) = &backed.database else { return Ok(()) };
    let database = identifier(name);
    if marked(&session, "pg_database", "datname", name).await?.is_none() {
        session.batch_execute(&format!("CREATE DATABASE {database} OWNER {user}")).await?;
    }
    let comment = format!("COMMENT ON DATABASE {database} IS {}", literal(&mark(backed)));
    Ok(session.batch_execute(&comment).await?)
}

/// On RDS the master user has this role, and can give it on.
async fn grant_superuser(session: &Client, user: &str) -> Result<(), Failure> {
    let known =
        session.query_opt("SELECT 1 FROM pg_roles WHERE rolname = $1", &[&SUPERUSER]).await?;
    if known.is_none() {
        let role = identifier(SUPERUSER);
        let make = format!(
            "CREATE ROLE {role} NOLOGIN; GRANT pg_monitor, pg_signal_backend TO {role} WITH ADMIN OPTION"
        );
        session.batch_execute(&make).await?;
    }
    let grant = format!("GRANT {} TO {user} WITH ADMIN OPTION", identifier(SUPERUSER));
    Ok(session.batch_execute(&grant).await?)
}

/// Refuses a PostgreSQL that another cluster has, or something else of these names.
async fn free(session: &Client, backed: &Backed) -> Result<(), Failure> {
    let own = mark(backed);
    let other = session
        .query_opt(
            "SELECT rolname::text, shobj_description(oid, 'pg_authid') FROM pg_roles
             WHERE shobj_description(oid, 'pg_authid') LIKE $1 || '%' AND shobj_description(oid, 'pg_authid') <> $2 LIMIT 1",
            &[&MARK, &own],
        )
        .await?;
    if let Some(other) = other {
        let (role, mark): (String, String) = (other.get(0), other.get(1));
        let cluster =
            mark.trim_start_matches(MARK).split(' ').next().unwrap_or_default().to_owned();
        return Err(Failure::Taken(format!(
            "the PostgreSQL stands in for the cluster {cluster} already, and can for one at a time; its role {role} says so"
        )));
    }
    let user = marked(session, "pg_authid", "rolname", &backed.user).await?;
    taken("role", &backed.user, user.as_ref(), &own)?;
    if let Some(name) = &backed.database {
        let database = marked(session, "pg_database", "datname", name).await?;
        // One that was just made, by a process that was killed before it could say so.
        let unsaid = matches!(database, Some(None))
            && user.is_some()
            && owned(session, name, &backed.user).await?;
        if !unsaid {
            taken("database", name, database.as_ref(), &own)?;
        }
    }
    Ok(())
}

fn taken(kind: &str, name: &str, found: Option<&Option<String>>, own: &str) -> Result<(), Failure> {
    match found {
        Some(comment) if comment.as_deref() != Some(own) => Err(Failure::Taken(format!(
            "the PostgreSQL has a {kind} {name} that was not made for this cluster"
        ))),
        _ => Ok(()),
    }
}

async fn owned(session: &Client, database: &str, user: &str) -> Result<bool, Failure> {
    let sql = "SELECT pg_get_userbyid(datdba)::text = $2 FROM pg_database WHERE datname = $1";
    let row = session.query_opt(sql, &[&database, &user]).await?;
    Ok(row.is_some_and(|row| row.get(0)))
}

/// The comment on something of a shared catalog, if that is there.
async fn marked(
    session: &Client,
    catalog: &str,
    column: &str,
    name: &str,
) -> Result<Option<Option<String>>, Failure> {
    let table = if catalog == "pg_authid" { "pg_roles" } else { catalog };
    let sql =
        format!("SELECT shobj_description(oid, '{catalog}') FROM {table} WHERE {column} = $1");
    Ok(session.query_opt(&sql, &[&name]).await?.map(|row| row.get(0)))
}

/// Gives the master user another password.
pub(crate) async fn set_password(
    postgres: &Postgres,
    backed: &Backed,
    password: &str,
) -> Result<(), Failure> {
    let session = postgres.session(None).await?;
    free(&session, backed).await?;
    alter_password(&session, &identifier(&backed.user), password).await
}

async fn alter_password(session: &Client, user: &str, password: &str) -> Result<(), Failure> {
    let verifier = literal(&scram_sha_256(password.as_bytes()));
    Ok(session.batch_execute(&format!("ALTER ROLE {user} PASSWORD {verifier}")).await?)
}

/// Removes the database of a cluster, the roles that have rights in it, and the master user.
pub(crate) async fn drop(postgres: &Postgres, backed: &Backed) -> Result<(), Failure> {
    let session = postgres.session(None).await?;
    let own = mark(backed);
    let user = marked(&session, "pg_authid", "rolname", &backed.user).await?;
    if user.flatten().as_deref() != Some(own.as_str()) {
        return Ok(());
    }
    let mut roles = Vec::new();
    if let Some(name) = &backed.database {
        let comment = marked(&session, "pg_database", "datname", name).await?;
        if comment.flatten().as_deref() == Some(own.as_str()) {
            roles = roles_of(&session, name).await?;
            session
                .batch_execute(&format!("DROP DATABASE {} WITH (FORCE)", identifier(name)))
                .await?;
        }
    }
    for role in roles.iter().filter(|role| **role != backed.user) {
        // A role that owns something elsewhere stays.
        let _ = session.batch_execute(&format!("DROP ROLE {}", identifier(role))).await;
    }
    session.batch_execute(&format!("DROP ROLE {}", identifier(&backed.user))).await?;
    Ok(())
}

/// The roles that own something or have rights in a database, and those that have them as members or that they are members of.
async fn roles_of(session: &Client, database: &str) -> Result<Vec<String>, Failure> {
    const SQL: &str = "WITH RECURSIVE theirs(oid) AS (
        SELECT d.refobjid FROM pg_shdepend d, pg_database b
        WHERE b.datname = $1 AND d.refclassid = 'pg_authid'::regclass
          AND (d.dbid = b.oid OR d.classid = 'pg_database'::regclass AND d.objid = b.oid)
      UNION
        SELECT CASE WHEN m.member = t.oid THEN m.roleid ELSE m.member END
        FROM pg_auth_members m, theirs t WHERE m.member = t.oid OR m.roleid = t.oid)
      SELECT r.rolname::text FROM theirs t JOIN pg_roles r ON r.oid = t.oid
      WHERE NOT r.rolsuper AND r.rolname NOT LIKE 'pg\\_%' AND r.rolname <> 'rds_superuser' ORDER BY 1";
    let rows = session.query(SQL, &[&database]).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

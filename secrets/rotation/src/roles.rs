//! The database roles of an application, and what a rotation changes of them.
//!
//! Objects belong to a role that nobody logs in as. The user and its clone act as that role, so that each sees what the other
//! has made.

use tokio_postgres::types::Type;

use crate::contract::Strategy;
use crate::database::Session;
use crate::error::{Error, Kind};
use crate::password::verifier;
use crate::secret::{Login, Secret, owner};
use crate::sql::{identifier, literal};

/// What is there of a role.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Role {
    exists: bool,
    /// It may do what no application may.
    privileged: bool,
    /// Objects belong to it, or it was granted some by name.
    has_objects: bool,
}

/// What is there of an application's roles.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Roles {
    owner: Role,
    current: Role,
    pending: Role,
}

/// A statement, and what it does in words.
pub(crate) type Statement = (&'static str, String);

const READ: &str = "SELECT rolname::text, \
    rolsuper OR rolcreaterole OR rolreplication OR rolbypassrls OR EXISTS (\
        SELECT FROM pg_auth_members JOIN pg_roles AS granted ON granted.oid = roleid \
        WHERE member = role.oid AND granted.rolname = 'rds_superuser') AS privileged, \
    EXISTS (SELECT FROM pg_shdepend WHERE refclassid = 'pg_authid'::regclass \
        AND refobjid = role.oid AND deptype IN ('o', 'a')) AS has_objects \
    FROM pg_roles AS role WHERE rolname::text = ANY($1)";

impl Roles {
    pub(crate) async fn read(
        session: &Session<'_>,
        current: &Secret,
        pending: &Secret,
    ) -> Result<Self, Error> {
        let owner = owner(&current.login.user);
        let names = vec![&*owner, &*current.login.user, &*pending.login.user];
        let rows = session.rows("reading the roles", READ, &[(&names, Type::TEXT_ARRAY)]).await?;
        let role = |name: &str| {
            let row = rows.iter().find(|row| row.get::<_, &str>(0) == name);
            row.map_or_else(Role::default, |row| Role {
                exists: true,
                privileged: row.get(1),
                has_objects: row.get(2),
            })
        };
        let [owner, current, pending] = [names[0], names[1], names[2]].map(role);
        Ok(Self { owner, current, pending })
    }

    /// Nothing of the application is there: its first rotation makes it.
    fn are_absent(&self) -> bool {
        !self.owner.exists && !self.current.exists && !self.pending.exists
    }

    /// The statements after which the pending login works.
    ///
    /// `proven` says whether the current version, or the one before it, logs in: what is there already is changed only for
    /// somebody who knows its password.
    pub(crate) fn changes(
        &self,
        strategy: Strategy,
        current: &Secret,
        pending: &Secret,
        proven: bool,
    ) -> Result<Vec<Statement>, Error> {
        self.check(&current.login.user, strategy, proven)?;
        let owner = owner(&current.login.user);
        let mut statements = Vec::new();
        let (makes_owner, alternates) = (self.lack_owner(strategy), alternates(strategy));
        if makes_owner {
            statements.push(("making the role that owns", make_owner(&owner)));
        }
        if alternates && !self.current.exists {
            statements.push(("making the user", make_user(&current.login)));
        }
        if alternates && makes_owner {
            statements.extend(acting_as(&owner, &current.login.user));
        }
        if self.pending.exists {
            statements.push(("changing the password", change_password(&pending.login)));
        } else {
            statements.push(("making the next user", make_user(&pending.login)));
        }
        if alternates || makes_owner {
            statements.extend(acting_as(&owner, &pending.login.user));
        }
        Ok(statements)
    }

    /// Whether the changes make the role that owns, which then needs its grants.
    pub(crate) fn lack_owner(&self, strategy: Strategy) -> bool {
        !self.owner.exists && (self.are_absent() || alternates(strategy))
    }

    fn check(&self, user: &str, strategy: Strategy, proven: bool) -> Result<(), Error> {
        if self.current.privileged || self.pending.privileged {
            let cause =
                format!("`{user}` or its clone may do more in the database than an application");
            let help = "nothing was changed; rotate users without CREATEROLE, REPLICATION, \
                BYPASSRLS and superuser rights";
            return Err(Error::new(Kind::Mismatch, cause, help));
        }
        if !proven && !self.are_absent() {
            return Err(not_proven(user, self.current.exists));
        }
        // Acting as the owner, the user would no longer reach what it has by its own name.
        if alternates(strategy)
            && !self.owner.exists
            && (self.current.has_objects || self.pending.has_objects)
        {
            let cause = format!(
                "`{user}` has objects or grants by its own name, which its clone would not see"
            );
            let owner = owner(user);
            let help = format!(
                "nothing was changed; hand them to a role `{owner}` (CREATE ROLE, REASSIGN OWNED, \
                 GRANT `{owner}` to it, ALTER ROLE … SET role), or rotate by the single-user strategy"
            );
            return Err(Error::new(Kind::Mismatch, cause, help));
        }
        Ok(())
    }
}

fn alternates(strategy: Strategy) -> bool {
    strategy == Strategy::AlternatingUsers
}

fn not_proven(user: &str, exists: bool) -> Error {
    let (cause, help) = if exists {
        (
            format!("the database refuses the current password of `{user}`"),
            "nothing was changed; it was changed outside of the rotation: write the password that \
             works into the secret, or give the user the secret's, and rotate again",
        )
    } else {
        (
            format!("the database has no user `{user}` any more"),
            "nothing was changed; make the user again with the secret's password, or drop its \
             remaining roles so that the rotation makes them all, and rotate again",
        )
    };
    Error::new(Kind::Login, cause, help)
}

fn make_owner(owner: &str) -> String {
    format!("CREATE ROLE {} NOLOGIN", identifier(owner))
}

fn make_user(login: &Login) -> String {
    let password = literal(&verifier(&login.password));
    format!("CREATE ROLE {} LOGIN PASSWORD {password}", identifier(&login.user))
}

fn change_password(login: &Login) -> String {
    let password = literal(&verifier(&login.password));
    format!("ALTER ROLE {} PASSWORD {password}", identifier(&login.user))
}

fn acting_as(owner: &str, user: &str) -> [Statement; 2] {
    let user = identifier(user);
    [
        ("granting the role that owns", format!("GRANT {} TO {user}", identifier(owner))),
        (
            "acting as the role that owns",
            format!("ALTER ROLE {user} SET role = {}", literal(owner)),
        ),
    ]
}

/// Gives the new owner what an application needs of its database, and makes sure that it has it: where the one who grants
/// has no right to, PostgreSQL only warns.
pub(crate) async fn open_database(
    session: &Session<'_>,
    user: &str,
    database: &str,
) -> Result<(), Error> {
    let owner = owner(user);
    let (role, database) = (identifier(&owner), identifier(database));
    let grant = format!("GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database} TO {role}");
    session.execute("opening the database to it", &grant).await?;
    let find = "SELECT to_regnamespace('public') IS NOT NULL";
    if session.row("looking for the schema", find, &[]).await?.get(0) {
        let grant = format!("GRANT USAGE, CREATE ON SCHEMA public TO {role}");
        session.execute("opening the schema to it", &grant).await?;
    }
    let check = "SELECT has_database_privilege($1, current_database(), 'CREATE') \
        AND COALESCE(has_schema_privilege($1, to_regnamespace('public'), 'CREATE'), true)";
    if session.row("checking the grants", check, &[(&&*owner, Type::TEXT)]).await?.get(0) {
        return Ok(());
    }
    let cause = format!("the superuser could not let `{owner}` create in the database");
    let help = "nothing was changed; the superuser must own the database";
    Err(Error::new(Kind::Database, cause, help))
}

#[cfg(test)]
mod tests;

//! Idempotency tokens: the same token answers the same, for 24 hours.

use super::{Call, TOKEN_SECONDS, hex};
use crate::call::Step;
use crate::fault::Fault;
use crate::fields::Fields;
use crate::service::Handler;
use crate::store::Table;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const TOKENS: Table = Table::regional("_token");

impl Call<'_> {
    /// Answers a repeated request as before, if the member named carries a token; else lets the handler answer.
    ///
    /// The same token with other parameters is `IdempotentParameterMismatch`. A token outlives what it made.
    pub(crate) fn idempotent(&mut self, member: &str, make: Handler) -> Result<Value, Fault> {
        let input = self.input();
        let Some(token) = input.opt(member).filter(|token| !token.is_empty()) else {
            return make(self);
        };
        let id = format!("{}/{}/{token}", self.service, self.operation);
        let asked = fingerprint(&input, member);
        let known = self.store.get(TOKENS.place(&self.region), TOKENS.name, &id);
        if let Some(known) = known {
            return if known.text("asked") == asked {
                Ok(known["answer"].clone())
            } else {
                Err(mismatch(token))
            };
        }
        let answer = make(self)?;
        self.put(TOKENS, &id, json!({"asked": asked, "answer": answer}));
        self.schedule(TOKEN_SECONDS, TOKENS, &id, Step::Remove);
        Ok(answer)
    }
}

fn fingerprint(input: &Value, token: &str) -> String {
    let mut rest = input.clone();
    if let Some(members) = rest.as_object_mut() {
        members.remove(token);
    }
    hex(&Sha256::digest(rest.to_string()))
}

fn mismatch(token: &str) -> Fault {
    let message = format!("The client token {token} was used before with other parameters.");
    Fault::new("IdempotentParameterMismatch", message)
}

//! What Lambda starts: the function, with the process's environment.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    globecart_rotation::run(variable).await
}

#[expect(clippy::disallowed_methods, reason = "the one place where the function reads it")]
fn variable(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

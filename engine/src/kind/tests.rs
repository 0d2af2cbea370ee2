use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::kind::RecordedJson;
use crate::resource::{CallResult, Facts, Found, Intent, Live, Made, Recorded, Removal, Resource};
use crate::{Address, Addressed, Class, Kind, Origin, Outputs};

struct Cloud;

#[derive(Debug, Clone, Serialize, Deserialize)]
struct Mute {
    size: u32,
}

crate::outputs! {
    /// What a mute resource answers.
    struct MuteOutputs => MuteRefs {
        /// Its id.
        accepted id: String,
    }
}

/// Of many that are asked for, it answers for the first alone.
impl Resource<Cloud> for Mute {
    const TYPE: &'static str = "test:Mute";
    const FACTS: Facts = Facts::DEFAULT;
    type Outputs = MuteOutputs;

    async fn create(&self, _: &Cloud, _: &Intent) -> CallResult<Made<MuteOutputs>> {
        Ok(Made::ready(MuteOutputs { id: "m-1".to_owned() }))
    }

    async fn read(
        _: &Cloud,
        wanted: &[Recorded<Self, MuteOutputs>],
    ) -> CallResult<Vec<Live<Self, MuteOutputs>>> {
        Ok(wanted.iter().take(1).map(|_| Live::Absent).collect())
    }

    async fn update(
        &self,
        _: &Cloud,
        old: &Recorded<Self, MuteOutputs>,
        _: &Intent,
    ) -> CallResult<Made<MuteOutputs>> {
        Ok(Made::ready(old.outputs.clone()))
    }

    async fn delete(_: &Cloud, _: &[Recorded<Self, MuteOutputs>]) -> CallResult<Removal> {
        Ok(Removal::Gone)
    }

    async fn find(&self, _: &Cloud, _: &Intent) -> CallResult<Found<MuteOutputs>> {
        Ok(Found::Nothing)
    }
}

fn recorded(args: serde_json::Value) -> RecordedJson {
    RecordedJson { args: args.into(), outputs: json!({ "id": "m-1" }).into() }
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_missing_is_no_absence() {
    let kind = Kind::<Cloud>::of::<Mute>();
    let one = recorded(json!({ "size": 1 }));
    assert!(matches!(
        kind.0.read(&Cloud, std::slice::from_ref(&one)).await.unwrap()[..],
        [Live::Absent]
    ));
    let error = kind.0.read(&Cloud, &[one.clone(), one]).await.unwrap_err();
    assert_eq!(error.to_string(), "reading test:Mute: 1 answers for 2 resources");
}

#[tokio::test(start_paused = true)]
async fn a_record_that_does_not_fit_the_type_is_told() {
    let kind = Kind::<Cloud>::of::<Mute>();
    let error = kind.0.delete(&Cloud, &[recorded(json!({ "size": "large" }))]).await.unwrap_err();
    assert_eq!((error.class, kind.0.loss(&json!(null))), (Class::Invalid, None));
    assert!(
        error.message.starts_with("the recorded form does not fit this version of the type: "),
        "{error}"
    );
}

#[test]
fn references_to_outputs_say_whose_they_are() {
    let refs = MuteOutputs::refs(Origin { address: Address::new("a"), stack: 0 });
    assert_eq!(refs.address().as_str(), "a");
    let id = serde_json::to_value(&*refs.id).unwrap();
    assert_eq!(id, json!({ "$ref": "a", "output": "id", "when": "ready" }));
}

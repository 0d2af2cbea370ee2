use crate::fields::Fields;
use crate::testing::Probe;
use serde_json::{Value, json};

fn zone(cloud: &Probe, name: &str) -> String {
    let input = json!({"Name": name, "CallerReference": format!("for {name}")});
    let made = cloud.ok("route53", "CreateHostedZone", input);
    made["HostedZone"].text("Id").trim_start_matches("/hostedzone/").to_owned()
}

fn change(cloud: &Probe, zone: &str, changes: Value) -> Result<Value, (String, String)> {
    let input = json!({"HostedZoneId": zone, "ChangeBatch": {"Changes": changes}});
    cloud.call("route53", "ChangeResourceRecordSets", &input)
}

fn record(name: &str, kind: &str, value: &str) -> Value {
    json!({"Name": name, "Type": kind, "TTL": 60, "ResourceRecords": [{"Value": value}]})
}

fn one(action: &str, record: Value) -> Value {
    json!([{"Action": action, "ResourceRecordSet": record}])
}

/// Name and type of the records that an answer lists.
fn names(answer: &Value) -> Vec<String> {
    let sets = answer.items("ResourceRecordSets").iter();
    sets.map(|set| format!("{} {}", set.text("Name"), set.text("Type"))).collect()
}

#[test]
fn a_zone_has_its_records_and_name_servers_and_goes_only_when_it_is_empty() {
    let cloud = Probe::new();
    let input = json!({"Name": "Shop.Example", "CallerReference": "one", "HostedZoneConfig": {"Comment": "the shop"}});
    let made = cloud.ok("route53", "CreateHostedZone", input.clone());
    assert_eq!(made["HostedZone"]["Name"], "shop.example.");
    assert_eq!(made["HostedZone"]["ResourceRecordSetCount"], 2);
    assert_eq!(made["HostedZone"]["Config"], json!({"Comment": "the shop", "PrivateZone": false}));
    assert_eq!(made["DelegationSet"].items("NameServers").len(), 4);
    assert_eq!(made["ChangeInfo"]["Status"], "PENDING");
    assert_eq!(cloud.err("route53", "CreateHostedZone", input), "HostedZoneAlreadyExists");
    let change_id = made["ChangeInfo"].text("Id").trim_start_matches("/change/").to_owned();
    let of_change =
        || cloud.ok("route53", "GetChange", json!({"Id": change_id}))["ChangeInfo"].clone();
    cloud.pass(34.0);
    assert_eq!(of_change()["Status"], "PENDING");
    cloud.pass(1.0);
    assert_eq!(of_change()["Status"], "INSYNC");
    let id = made["HostedZone"].text("Id").trim_start_matches("/hostedzone/");
    let whole = json!({"Id": id});
    let seen = cloud.ok("route53", "GetHostedZone", whole.clone());
    assert_eq!(seen["DelegationSet"], made["DelegationSet"]);
    change(&cloud, id, one("CREATE", record("www.shop.example", "A", "192.0.2.1"))).unwrap();
    assert_eq!(cloud.err("route53", "DeleteHostedZone", whole.clone()), "HostedZoneNotEmpty");
    change(&cloud, id, one("DELETE", record("www.shop.example", "A", "192.0.2.1"))).unwrap();
    let comment = json!({"Id": id, "Comment": "another"});
    let seen = cloud.ok("route53", "UpdateHostedZoneComment", comment);
    assert_eq!(seen["HostedZone"]["Config"]["Comment"], "another");
    cloud.ok("route53", "DeleteHostedZone", whole.clone());
    assert_eq!(cloud.err("route53", "GetHostedZone", whole), "NoSuchHostedZone");
    let bad = json!({"Name": "not a name", "CallerReference": "two"});
    assert_eq!(cloud.err("route53", "CreateHostedZone", bad), "InvalidDomainName");
}

#[test]
fn a_batch_is_applied_as_a_whole_or_not_at_all() {
    let cloud = Probe::new();
    let id = zone(&cloud, "shop.example");
    let refused = |changes: Value| {
        let (code, message) = change(&cloud, &id, changes).unwrap_err();
        assert_eq!(code, "InvalidChangeBatch", "{message}");
        message
    };
    let www = || record("www.shop.example", "A", "192.0.2.1");
    change(&cloud, &id, one("CREATE", www())).unwrap();
    assert_eq!(
        refused(one("CREATE", www())),
        "[Tried to create resource record set [name='www.shop.example.', type='A'] but it already exists]"
    );
    assert!(
        refused(one("DELETE", record("x.shop.example", "A", "192.0.2.1"))).contains("not found")
    );
    let other = record("www.shop.example", "A", "192.0.2.2");
    assert!(refused(one("DELETE", other.clone())).contains("do not match"));
    change(&cloud, &id, one("UPSERT", other.clone())).unwrap();
    assert!(
        refused(one("CREATE", record("other.example", "A", "192.0.2.1")))
            .contains("not permitted in zone")
    );
    let apex = record("shop.example", "CNAME", "a.example");
    assert!(refused(one("CREATE", apex)).contains("apex"));
    let beside = record("www.shop.example", "CNAME", "a.example");
    assert!(refused(one("CREATE", beside)).contains("conflicts"));
    assert!(refused(one("CREATE", record("b.shop.example", "A", "300.0.0.1"))).contains("IPv4"));
    assert!(refused(one("CREATE", record("t.shop.example", "TXT", "plain"))).contains("quotation"));
    let good_and_bad = json!([
        {"Action": "CREATE", "ResourceRecordSet": record("good.shop.example", "A", "192.0.2.9")},
        {"Action": "CREATE", "ResourceRecordSet": record("bad.shop.example", "A", "x")},
    ]);
    refused(good_and_bad);
    let twice = json!([
        {"Action": "UPSERT", "ResourceRecordSet": www()}, {"Action": "UPSERT", "ResourceRecordSet": other},
    ]);
    assert!(refused(twice).contains("invalid set of changes"));
    let all = cloud.ok("route53", "ListResourceRecordSets", json!({"HostedZoneId": id}));
    assert_eq!(names(&all), ["shop.example. NS", "shop.example. SOA", "www.shop.example. A"]);
    let soa = all["ResourceRecordSets"][1].clone();
    assert!(refused(one("DELETE", soa)).contains("SOA"));
    let mut untimed = www();
    untimed.as_object_mut().unwrap().remove("TTL");
    assert_eq!(change(&cloud, &id, one("UPSERT", untimed)).unwrap_err().0, "InvalidInput");
}

#[test]
fn aliases_point_into_their_zone() {
    let cloud = Probe::new();
    let id = zone(&cloud, "shop.example");
    let alias = |target: &str, zone: &str| {
        json!({
            "Name": "shop.example", "Type": "A",
            "AliasTarget": {"HostedZoneId": zone, "DNSName": target, "EvaluateTargetHealth": true},
        })
    };
    let elb = "dualstack.shop-1.us-east-1.elb.amazonaws.com";
    let wrong = one("UPSERT", alias(elb, "Z3AADJGX6KTTL2"));
    let (code, message) = change(&cloud, &id, wrong).unwrap_err();
    assert_eq!(code, "InvalidChangeBatch");
    assert!(message.contains("does not lie within the target zone"), "{message}");
    let missing = one("UPSERT", alias("www.shop.example", &id));
    assert!(change(&cloud, &id, missing.clone()).unwrap_err().1.contains("not found"));
    change(&cloud, &id, one("CREATE", record("www.shop.example", "A", "192.0.2.1"))).unwrap();
    change(&cloud, &id, missing).unwrap();
    change(&cloud, &id, one("UPSERT", alias(elb, "Z35SXDOTRQ7X7K"))).unwrap();
    let all = cloud.ok("route53", "ListResourceRecordSets", json!({"HostedZoneId": id}));
    let target = &all["ResourceRecordSets"][0]["AliasTarget"];
    assert_eq!(target["DNSName"], format!("{elb}."));
    assert_eq!(target["EvaluateTargetHealth"], true);
    change(&cloud, &id, one("DELETE", alias(elb, "Z35SXDOTRQ7X7K"))).unwrap();
}

#[test]
fn records_are_listed_in_pages_in_the_order_of_their_labels() {
    let cloud = Probe::new();
    let id = zone(&cloud, "shop.example");
    for name in ["b.shop.example", "a.b.shop.example", "*.shop.example"] {
        change(&cloud, &id, one("CREATE", record(name, "A", "192.0.2.1"))).unwrap();
    }
    let page =
        cloud.ok("route53", "ListResourceRecordSets", json!({"HostedZoneId": id, "MaxItems": "3"}));
    assert_eq!(names(&page), ["shop.example. NS", "shop.example. SOA", "\\052.shop.example. A"]);
    assert_eq!(page["IsTruncated"], true);
    assert_eq!(page["NextRecordName"], "b.shop.example.");
    let rest = json!({
        "HostedZoneId": id, "StartRecordName": page["NextRecordName"], "StartRecordType": page["NextRecordType"],
    });
    let rest = cloud.ok("route53", "ListResourceRecordSets", rest);
    assert_eq!(names(&rest), ["b.shop.example. A", "a.b.shop.example. A"]);
    assert_eq!(rest["IsTruncated"], false);
    let weighted = |name: &str, weight: u32| {
        let mut set = record("w.shop.example", "A", "192.0.2.1");
        set["SetIdentifier"] = json!(name);
        set["Weight"] = json!(weight);
        set
    };
    change(&cloud, &id, one("CREATE", weighted("one", 1))).unwrap();
    change(&cloud, &id, one("CREATE", weighted("two", 2))).unwrap();
    let plain = change(&cloud, &id, one("CREATE", record("w.shop.example", "A", "192.0.2.1")));
    assert_eq!(plain.unwrap_err().0, "InvalidChangeBatch");
}

#[test]
fn zones_are_found_by_name_and_tagged() {
    let cloud = Probe::new();
    let (first, second) = (zone(&cloud, "b.example"), zone(&cloud, "a.example"));
    zone(&cloud, "a.b.example");
    let all = cloud.ok("route53", "ListHostedZonesByName", json!({}));
    let names: Vec<&str> = all.items("HostedZones").iter().map(|zone| zone.text("Name")).collect();
    assert_eq!(names, ["a.example.", "b.example.", "a.b.example."]);
    let from = json!({"DNSName": "b.example", "MaxItems": "1"});
    let from = cloud.ok("route53", "ListHostedZonesByName", from);
    assert_eq!(from["HostedZones"][0]["Id"], format!("/hostedzone/{first}"));
    assert_eq!(from["NextDNSName"], "a.b.example.");
    let page = cloud.ok("route53", "ListHostedZones", json!({"MaxItems": "2"}));
    assert_eq!(page.items("HostedZones").len(), 2);
    let rest = json!({"MaxItems": "2", "Marker": page["NextMarker"]});
    let rest = cloud.ok("route53", "ListHostedZones", rest);
    assert_eq!(rest.items("HostedZones").len(), 1);
    assert_eq!(rest["IsTruncated"], false);
    let add = json!({
        "ResourceType": "hostedzone", "ResourceId": first, "AddTags": [{"Key": "team", "Value": "shop"}],
    });
    cloud.ok("route53", "ChangeTagsForResource", add);
    let many = json!({"ResourceType": "hostedzone", "ResourceIds": [first, second]});
    let many = cloud.ok("route53", "ListTagsForResources", many);
    assert_eq!(many["ResourceTagSets"][0]["Tags"], json!([{"Key": "team", "Value": "shop"}]));
    let found = cloud.ok(
        "resourcegroupstaggingapi",
        "GetResources",
        json!({"TagFilters": [{"Key": "team"}], "ResourceTypeFilters": ["route53:hostedzone"]}),
    );
    let arn = format!("arn:aws:route53:::hostedzone/{first}");
    assert_eq!(found["ResourceTagMappingList"][0]["ResourceARN"], arn);
    let check = json!({"ResourceType": "healthcheck", "ResourceId": "x"});
    assert_eq!(cloud.err("route53", "ListTagsForResource", check), "NoSuchHealthCheck");
}

#[test]
fn a_private_zone_belongs_to_its_vpcs() {
    let cloud = Probe::new();
    let vpc = |block: &str| {
        let made = cloud.ok("ec2", "CreateVpc", json!({"CidrBlock": block}));
        json!({"VPCRegion": "us-east-1", "VPCId": made["Vpc"]["VpcId"]})
    };
    let (first, second) = (vpc("10.0.0.0/16"), vpc("10.1.0.0/16"));
    let create = |reference: &str, vpc: &Value| {
        let input = json!({"Name": "inside.example", "CallerReference": reference, "VPC": vpc});
        cloud.call("route53", "CreateHostedZone", &input).map_err(|(code, _)| code)
    };
    let made = create("one", &first).unwrap();
    assert_eq!(made["HostedZone"]["Config"]["PrivateZone"], true);
    assert_eq!(create("two", &first).unwrap_err(), "ConflictingDomainExists");
    let nowhere = json!({"VPCRegion": "us-east-1", "VPCId": "vpc-0123456789abcdef0"});
    assert_eq!(create("two", &nowhere).unwrap_err(), "InvalidVPCId");
    let id = made["HostedZone"].text("Id").trim_start_matches("/hostedzone/").to_owned();
    let with = |vpc: &Value| json!({"HostedZoneId": id, "VPC": vpc});
    assert_eq!(
        cloud.err("route53", "DisassociateVPCFromHostedZone", with(&first)),
        "LastVPCAssociation"
    );
    cloud.ok("route53", "AssociateVPCWithHostedZone", with(&second));
    cloud.ok("route53", "DisassociateVPCFromHostedZone", with(&first));
    let seen = cloud.ok("route53", "GetHostedZone", json!({"Id": id}));
    assert_eq!(seen["VPCs"], json!([second]));
    let public = zone(&cloud, "outside.example");
    let input = json!({"HostedZoneId": public, "VPC": first});
    assert_eq!(
        cloud.err("route53", "AssociateVPCWithHostedZone", input),
        "PublicZoneVPCAssociation"
    );
}

#[test]
fn answers_come_when_the_name_servers_have_them() {
    let cloud = Probe::new();
    let id = zone(&cloud, "shop.example");
    change(&cloud, &id, one("CREATE", record("www.shop.example", "A", "192.0.2.1"))).unwrap();
    let ask = || {
        let input =
            json!({"HostedZoneId": id, "RecordName": "www.shop.example", "RecordType": "A"});
        cloud.ok("route53", "TestDNSAnswer", input)
    };
    assert_eq!(ask()["RecordData"], json!([]));
    cloud.pass(35.0);
    assert_eq!(ask()["RecordData"], json!(["192.0.2.1"]));
    assert_eq!(ask()["ResponseCode"], "NOERROR");
}

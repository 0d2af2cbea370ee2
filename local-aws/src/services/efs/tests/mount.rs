use super::{described, file_system, group, network};
use crate::fields::Fields;
use crate::services::efs::{Mount, MountRefused, Mounted};
use crate::testing::Probe;
use serde_json::{Value, json};

const REGION: &str = "us-east-1";

/// A file system with mount targets in two zones, an access point, and a client's group that reaches it.
struct Scene {
    cloud: Probe,
    id: String,
    point: String,
    client: String,
    role: String,
}

impl Scene {
    fn new() -> Self {
        let cloud = Probe::new();
        let id = file_system(&cloud, "one", json!({"Encrypted": true}));
        let (vpc, subnets) = network(&cloud, 0, &["us-east-1a", "us-east-1b"]);
        let (nfs, client) = (group(&cloud, &vpc, "nfs"), group(&cloud, &vpc, "client"));
        for subnet in &subnets {
            let input = json!({"FileSystemId": id, "SubnetId": subnet, "SecurityGroups": [nfs]});
            cloud.ok("efs", "CreateMountTarget", input);
        }
        let allowed = json!([{"IpProtocol": "tcp", "FromPort": 2049, "ToPort": 2049, "UserIdGroupPairs": [{"GroupId": client}]}]);
        cloud.ok(
            "ec2",
            "AuthorizeSecurityGroupIngress",
            json!({"GroupId": nfs, "IpPermissions": allowed}),
        );
        let point =
            cloud.ok("efs", "CreateAccessPoint", json!({"FileSystemId": id, "ClientToken": "p"}));
        let point = point.text("AccessPointId").to_owned();
        let trust = json!({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}]});
        let role = cloud.ok(
            "iam",
            "CreateRole",
            json!({"RoleName": "shop", "AssumeRolePolicyDocument": trust.to_string()}),
        );
        let role = role["Role"].text("Arn").to_owned();
        cloud.pass(100.0);
        Self { cloud, id, point, client, role }
    }

    fn anybody(&self) -> Mount<'_> {
        Mount {
            file_system: &self.id,
            access_point: None,
            zone: "use1-az2",
            security_group: &self.client,
            role: None,
            tls: false,
        }
    }

    fn authorised(&self) -> Mount<'_> {
        let (access_point, role) = (Some(self.point.as_str()), Some(self.role.as_str()));
        Mount { access_point, role, tls: true, ..self.anybody() }
    }

    fn mount(&self, wanted: Mount) -> Result<Mounted, MountRefused> {
        self.cloud.within(|cloud| cloud.mount(REGION, &wanted))
    }

    fn put(&self, statements: &Value) {
        let policy = json!({"Version": "2012-10-17", "Statement": statements}).to_string();
        self.cloud.ok(
            "efs",
            "PutFileSystemPolicy",
            json!({"FileSystemId": self.id, "Policy": policy}),
        );
    }
}

fn only_tls() -> Value {
    json!({
        "Effect": "Deny", "Principal": {"AWS": "*"}, "Action": "*", "Resource": "*",
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    })
}

#[test]
fn without_a_policy_whoever_reaches_a_mount_target_is_root() {
    let scene = Scene::new();
    let mounted = scene.mount(scene.anybody()).unwrap();
    assert_eq!((mounted.zone.as_str(), mounted.writes, mounted.root), ("use1-az2", true, true));
}

/// terraform-aws-modules/terraform-aws-efs#20.
#[test]
fn a_policy_that_only_denies_what_comes_without_tls_locks_clients_out() {
    let scene = Scene::new();
    scene.put(&json!([only_tls()]));
    let by_tls = Mount { tls: true, ..scene.anybody() };
    assert_eq!(scene.mount(by_tls), Err(MountRefused::Denied));
    assert_eq!(scene.mount(scene.authorised()), Err(MountRefused::Denied));
    let allowed = json!({
        "Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "elasticfilesystem:ClientMount", "Resource": "*",
        "Condition": {"Bool": {"elasticfilesystem:AccessedViaMountTarget": "true"}},
    });
    scene.put(&json!([only_tls(), allowed]));
    let mounted = scene.mount(by_tls).unwrap();
    assert_eq!((mounted.writes, mounted.root), (false, false));
    assert_eq!(scene.mount(scene.anybody()), Err(MountRefused::Denied));
}

#[test]
fn a_role_is_let_in_by_the_file_system_or_by_its_own_policies() {
    let scene = Scene::new();
    let arn = described(&scene.cloud, &scene.id)["FileSystemArn"].clone();
    let point =
        format!("arn:aws:elasticfilesystem:us-east-1:123456789012:access-point/{}", scene.point);
    let named = json!({
        "Effect": "Allow", "Principal": {"AWS": scene.role}, "Resource": arn,
        "Action": ["elasticfilesystem:ClientMount", "elasticfilesystem:ClientWrite"],
        "Condition": {"StringEquals": {"elasticfilesystem:AccessPointArn": point}},
    });
    scene.put(&json!([only_tls(), named]));
    let mounted = scene.mount(scene.authorised()).unwrap();
    assert_eq!((mounted.writes, mounted.root), (true, false));
    let outside = Mount { access_point: None, ..scene.authorised() };
    assert_eq!(scene.mount(outside), Err(MountRefused::Denied));
    let own = |effect: &str| {
        let statement = json!({"Effect": effect, "Action": "elasticfilesystem:*", "Resource": "*"});
        let policy = json!({"Version": "2012-10-17", "Statement": [statement]}).to_string();
        let input = json!({"RoleName": "shop", "PolicyName": "files", "PolicyDocument": policy});
        scene.cloud.ok("iam", "PutRolePolicy", input);
    };
    own("Allow");
    assert!(scene.mount(outside).unwrap().root);
    own("Deny");
    assert_eq!(scene.mount(scene.authorised()), Err(MountRefused::Denied));
}

#[test]
fn mounts_go_by_the_other_zone_when_one_fails_and_nowhere_without_a_rule() {
    let scene = Scene::new();
    let mount = || scene.mount(scene.anybody()).map(|mounted| mounted.zone);
    assert_eq!(mount(), Ok("use1-az2".to_owned()));
    scene.cloud.within(|cloud| cloud.fail_zone("use1-az2")).unwrap();
    assert_eq!(mount(), Ok("use1-az1".to_owned()));
    scene.cloud.within(|cloud| cloud.fail_zone("use1-az1")).unwrap();
    assert_eq!(mount(), Err(MountRefused::TimedOut));
    scene.cloud.within(|cloud| cloud.restore_zone("use1-az2")).unwrap();
    assert_eq!(mount(), Ok("use1-az2".to_owned()));
    let stranger = Mount { security_group: "sg-0123456789abcdef0", ..scene.anybody() };
    assert_eq!(scene.mount(stranger), Err(MountRefused::TimedOut));
    let none = Mount { access_point: Some("fsap-0123456789abcdef0"), ..scene.anybody() };
    assert!(matches!(scene.mount(none), Err(MountRefused::NotAvailable(_))));
}

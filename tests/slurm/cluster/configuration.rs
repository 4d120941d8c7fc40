//! The files that the daemons of a private cluster read.

use std::fs;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{self, Command};
use std::sync::atomic::{AtomicU32, Ordering};

/// Ports from here on are tried. The system gives those from 32768 on to programs that ask for any port.
const FIRST_PORT: u32 = 20_000;
const PORTS: u32 = 12_000;

/// The longest path of a socket, less what munge adds for its lock.
const LONGEST_SOCKET: usize = 100;

/// The paths, the name and the port that the cluster uses.
pub struct Configuration {
    /// The path of `slurm.conf`.
    pub path: PathBuf,
    /// The name of the node.
    pub host: String,
    pub controller_port: u16,
    pub munge_socket: PathBuf,
    pub munge_key: PathBuf,
}

impl Configuration {
    /// Writes `slurm.conf`, `gres.conf` and munge's key to a folder. `options` replace lines of `slurm.conf`.
    pub fn write(folder: &Path, options: &[(&str, &str)]) -> Self {
        let configuration = Self {
            path: folder.join("slurm.conf"),
            host: host_name(),
            controller_port: free_port(),
            munge_socket: folder.join("munge.sock"),
            munge_key: folder.join("munge.key"),
        };
        let length = configuration.munge_socket.as_os_str().len();
        assert!(length <= LONGEST_SOCKET, "TMPDIR is too long for a socket: set a shorter one");
        for name in ["state", "spool"] {
            fs::create_dir(folder.join(name)).expect("a folder for a daemon");
        }
        let lines = configuration.lines(folder, options);
        let text: String = lines.iter().map(|(key, value)| format!("{key}={value}\n")).collect();
        fs::write(&configuration.path, text).expect("slurm.conf");
        // Slurm opens these files to see whether the devices exist. They stand for GPUs.
        let gpus = ["/dev/null", "/dev/zero"].map(|file| format!("Name=gpu File={file}\n"));
        fs::write(folder.join("gres.conf"), gpus.concat()).expect("gres.conf");
        write_key(&configuration.munge_key);
        configuration
    }

    fn lines(&self, folder: &Path, options: &[(&str, &str)]) -> Vec<(String, String)> {
        let own = |name: &str| folder.join(name).display().to_string();
        let user = user_name();
        let host = &self.host;
        let mut lines: Vec<(String, String)> = [
            ("ClusterName", "private".to_owned()),
            ("SlurmctldHost", format!("{host}(127.0.0.1)")),
            // Both are needed: the second alone leaves the controller on every network.
            ("CommunicationParameters", "NoCtldInAddrAny,NoInAddrAny".to_owned()),
            ("SlurmctldPort", self.controller_port.to_string()),
            ("SlurmdPort", free_port().to_string()),
            ("AuthType", "auth/munge".to_owned()),
            // A requeued job waits until its credential has expired: two minutes by default. 5 is the
            // minimum.
            ("AuthInfo", format!("socket={},cred_expire=5", self.munge_socket.display())),
            ("SlurmUser", user.clone()),
            ("SlurmdUser", user),
            ("StateSaveLocation", own("state")),
            ("SlurmdSpoolDir", own("spool")),
            ("SlurmctldPidFile", own("slurmctld.pid")),
            ("SlurmdPidFile", own("slurmd.pid")),
            ("SlurmctldLogFile", own("slurmctld.log")),
            ("SlurmdLogFile", own("slurmd.log")),
            ("ProctrackType", "proctrack/linuxproc".to_owned()),
            ("SlurmdParameters", "config_overrides".to_owned()),
            ("GresTypes", "gpu".to_owned()),
            ("NodeName", format!("{host} NodeAddr=127.0.0.1 CPUs=4 RealMemory=4000 Gres=gpu:2")),
            ("PartitionName", "main Nodes=ALL Default=YES MaxTime=INFINITE State=UP".to_owned()),
        ]
        .map(|(key, value)| (key.to_owned(), value))
        .into();
        lines.extend(BEHAVIOUR.map(|(key, value)| (key.to_owned(), value.to_owned())));
        for &(key, value) in options {
            lines.retain(|(name, _)| !name.eq_ignore_ascii_case(key));
            lines.push((key.to_owned(), value.to_owned()));
        }
        lines
    }
}

/// Lines that make the cluster quick, and strict about memory.
const BEHAVIOUR: [(&str, &str); 14] = [
    // A step that exceeds its memory is killed within a few seconds. Only memory that is allocated has a
    // limit.
    ("JobAcctGatherType", "jobacct_gather/linux"),
    ("JobAcctGatherFrequency", "1"),
    ("JobAcctGatherParams", "OverMemoryKill"),
    ("SelectType", "select/cons_tres"),
    ("SelectTypeParameters", "CR_Core_Memory"),
    ("DefMemPerCPU", "1000"),
    // Jobs start within a second of the time at which they may.
    ("SchedulerParameters", "sched_min_interval=100000,sched_interval=1,bf_interval=1"),
    // A command waits for a dead controller for this long, less one second. `scontrol show job` waits twice.
    ("MessageTimeout", "5"),
    // The seconds from TERM to KILL.
    ("KillWait", "5"),
    ("SlurmdTimeout", "10"),
    // The seconds for which `scontrol show job` knows a finished job.
    ("MinJobAge", "300"),
    ("JobRequeue", "1"),
    ("ReturnToService", "2"),
    ("MaxArraySize", "1001"),
];

/// A port of 127.0.0.1 that nobody listens on. Two calls never give the same one, and two processes seldom
/// try it.
fn free_port() -> u16 {
    static CALLS: AtomicU32 = AtomicU32::new(0);
    for _ in 0..PORTS {
        let call = CALLS.fetch_add(1, Ordering::Relaxed);
        let offset = process::id().wrapping_mul(64).wrapping_add(call) % PORTS;
        let port = u16::try_from(FIRST_PORT + offset).expect("a port below 32768");
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
    panic!("no free port of 127.0.0.1 from {FIRST_PORT} on: end the programs that listen there");
}

/// The first part of the machine's name, which is what the daemons compare with `SlurmctldHost` and
/// `NodeName`.
fn host_name() -> String {
    let name = fs::read_to_string("/proc/sys/kernel/hostname").expect("the name of this machine");
    name.trim().split('.').next().unwrap_or_default().to_owned()
}

fn user_name() -> String {
    let ran = Command::new("id").arg("-un").output().expect("the program id");
    String::from_utf8_lossy(&ran.stdout).trim().to_owned()
}

/// A random key that only this user can read: munged refuses others.
fn write_key(path: &Path) {
    let mut key = [0; 1024];
    let mut random = fs::File::open("/dev/urandom").expect("/dev/urandom");
    random.read_exact(&mut key).expect("random bytes");
    fs::write(path, key).expect("munge's key");
    fs::set_permissions(path, fs::Permissions::from_mode(0o400)).expect("the key's permissions");
}

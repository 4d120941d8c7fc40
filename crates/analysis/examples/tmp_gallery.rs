fn main() {
    for name in ["minatar-small", "atari-cpu"] {
        zerolab_analysis::report(std::path::Path::new("/tmp/gallery-lab"), name).unwrap();
    }
}

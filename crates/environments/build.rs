//! With the feature `atari`: compiles the wrapper of the Arcade Learning Environment and links both.

fn main() -> Result<(), String> {
    println!("cargo::rerun-if-changed=build.rs");
    #[cfg(feature = "atari")]
    atari::link()?;
    Ok(())
}

#[cfg(feature = "atari")]
mod atari {
    use std::env;
    use std::path::PathBuf;

    const VARIABLE: &str = "ZEROLAB_ALE";
    const WRAPPER: &str = "ale/wrapper.cpp";

    /// Links the library in the folder that `just atari` makes.
    pub fn link() -> Result<(), String> {
        println!("cargo::rerun-if-env-changed={VARIABLE}");
        println!("cargo::rerun-if-changed={WRAPPER}");
        let advice = "make the folder and build with `just atari`, or set the variable by \
             `eval \"$(crates/environments/ale/toolchain target/atari)\"`";
        let folder = env::var_os(VARIABLE).map(PathBuf::from).ok_or_else(|| {
            format!("the feature `atari` needs the folder of ALE in {VARIABLE}: {advice}")
        })?;
        let library = folder.join("lib/libale.a");
        if !library.exists() {
            return Err(format!("{VARIABLE}: {} does not exist: {advice}", library.display()));
        }
        cc::Build::new()
            .cpp(true)
            .std("c++17")
            .file(WRAPPER)
            .include(folder.join("include"))
            .warnings(false)
            .define("NDEBUG", None)
            .try_compile("zerolab_ale")
            .map_err(|error| format!("{WRAPPER} cannot be compiled: {error}"))?;
        println!("cargo::rustc-link-search=native={}", folder.join("lib").display());
        println!("cargo::rustc-link-lib=static=ale");
        println!("cargo::rustc-link-lib=dylib=z");
        println!("cargo::rustc-env=ZEROLAB_BUILT_WITH_ROMS={}", folder.join("roms").display());
        Ok(())
    }
}

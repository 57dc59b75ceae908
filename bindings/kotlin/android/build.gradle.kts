// The AAR. What is generated, and the libraries, are put below `work` first: see ../README.md.

plugins {
    id("com.android.library") version "8.13.0"
    kotlin("android") version "2.4.21"
    `maven-publish`
}

group = "dev.footlight"
version = "0.1.0"

val work = providers.gradleProperty("footlight.work").getOrElse("../../../target/kotlin")

android {
    namespace = "dev.footlight.player"
    compileSdk = 36

    defaultConfig {
        minSdk = 24
        consumerProguardFiles("consumer-rules.pro")
    }

    sourceSets.getByName("main") {
        // Without ../src/jvm: Android has no java.net.http.
        kotlin.srcDirs("../src/main/kotlin", "$work/generated")
        jniLibs.srcDir("$work/jniLibs")
    }

    publishing {
        singleVariant("release") {
            withSourcesJar()
        }
    }
}

kotlin {
    jvmToolchain(17)
}

dependencies {
    implementation("net.java.dev.jna:jna:5.18.1@aar")
    api("org.jetbrains.kotlinx:kotlinx-coroutines-android:1.11.0")
}

publishing {
    publications.register<MavenPublication>("release") {
        artifactId = "footlight-player-android"
        afterEvaluate { from(components["release"]) }
    }
}

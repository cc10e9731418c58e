//! An S3 server for drills: `s3 FOLDER` says where it answers and keeps its bucket in the folder, until it is killed.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "for drills, not the product")]

#[path = "../tests/it/bucket.rs"]
mod bucket;

#[tokio::main]
async fn main() {
    let folder = std::env::args().nth(1).unwrap_or_else(|| ".".to_owned());
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("http://{} {} {}", listener.local_addr().unwrap(), bucket::KEY_ID, bucket::SECRET);
    axum::serve(listener, bucket::router(folder.as_ref(), |_| {})).await.unwrap();
}

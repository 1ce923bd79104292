//! Browser pages for the people of the office: `live` previews the content folder, `review` shows the programs to sign.
//! Never contains a rule of content or trust.

pub mod access;
pub mod live;
pub mod pages;
pub mod review;
pub mod screen_view;

//! Pages in a browser for the people of the office: `live` shows the content as it is being written, `review` what is to be signed.
//! Never holds a rule of content or trust.

pub mod access;
pub mod live;
pub mod pages;
pub mod review;

//! When each slide is due: calendar, hours, day-parts, shares and validity become spans and loops. Pure.
//! Never knows HTML.

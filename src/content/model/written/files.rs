//! The keys of every content file.
//! Never holds a rule beyond the kind of each value.

use chrono::NaiveDate;
use schemars::{Schema, SchemaGenerator};

use super::collect::{At, Faults, Map, OneOrMany, Written, field, fields, given, object, written};
use super::leaves::{Int, Length, SameAs};
use crate::base::ids::{AgencyId, Language, PlaylistId, RoleId, ScreenId, SiteId};
use crate::base::terms::Kind;
use crate::base::zone::Zone;
use crate::content::model::values::{DayKind, DaySelector, Window};
use crate::content::source::text::Span;
use crate::content::source::yaml::Node;

/// A text in several languages.
pub type NamesFile = Map<Language, String>;
/// `agencies.yaml`: id → agency.
pub type AgenciesFile = Map<AgencyId, AgencyFile>;

written! {
    /// `bangtin.yaml`: what holds for the whole installation.
    SettingsFile {
        /// Name of the installation by language.
        name "name": NamesFile = true,
        /// One IANA time zone for all sites.
        time_zone "time_zone": Zone = true,
        /// Languages of the content; the first is that of files without a suffix.
        languages "languages": Vec<At<Language>> = true,
        /// Folder under `themes/`, in the content folder or beside it.
        theme "theme": String = true,
        /// The version of bangtin that may build and approve.
        tool "tool": String = true,
        /// Who has to approve what: the start of the root's policy.
        approval "approval": ApprovalFile = false,
        /// Addresses of the store, the first preferred.
        store "store": OneOrMany<String> = false,
        /// Where players send their returns.
        returns "returns": String = false,
    }
}
written! {
    /// The approval policy.
    ApprovalFile {
        /// Role → what it may approve.
        roles "roles": Map<RoleId, RoleFile> = true,
        /// Kind of program → roles that have to approve it.
        requires "requires": RequiresFile = true,
    }
}
written! {
    /// What one reviewers' role may do.
    RoleFile {
        /// How many distinct keys must sign; 1 unless given.
        threshold "threshold": Int<1, 20> = false,
        /// The sites that it covers; all unless given.
        sites "sites": Vec<At<SiteId>> = false,
        /// The kinds of program that it covers.
        kinds "kinds": Vec<At<Kind>> = true,
        /// Merge = approval: a job of the continuous integration may sign for this role; false unless given.
        by_merge "by_merge": bool = false,
    }
}
written! {
    /// Roles that each kind of program needs.
    RequiresFile {
        /// Programs of a month.
        monthly "monthly": Vec<At<RoleId>> = true,
        /// Evergreen programs.
        evergreen "evergreen": Vec<At<RoleId>> = true,
        /// Urgent programs.
        urgent "urgent": Vec<At<RoleId>> = true,
        /// Kits.
        kit "kit": Vec<At<RoleId>> = true,
        /// Exceptions: site → kind → roles, in place of the lists above.
        sites "sites": Map<SiteId, Map<Kind, Vec<At<RoleId>>>> = false,
    }
}
written! {
    /// A body that supplies content and answers for it.
    AgencyFile {
        /// Its name by language.
        name "name": NamesFile = true,
        /// What kind of body: `department`, `district`, `broadcaster` …
        kind "kind": String = true,
        /// Reviewers' roles that approve what it owns.
        roles "roles": Vec<At<RoleId>> = false,
        /// First day under this name.
        since "since": NaiveDate = false,
        /// Last day under this name.
        until "until": NaiveDate = false,
        /// The agency that took over.
        succeeded_by "succeeded_by": AgencyId = false,
    }
}
written! {
    /// `sites/<site>.yaml`: a place with screens and opening hours.
    SiteFile {
        /// Its name by language.
        name "name": NamesFile = true,
        /// The agency that runs it.
        operator "operator": AgencyId = true,
        /// Languages shown here; all unless given.
        languages "languages": Vec<At<Language>> = false,
        /// Its faces.
        screens "screens": Vec<At<ScreenFile>> = true,
        /// Opening hours per kind of day.
        hours "hours": HoursFile = true,
        /// How much of its time each playlist gets.
        shares "shares": Vec<At<ShareFile>> = true,
        /// Loudness in percent; 100 unless given.
        volume "volume": Int<0, 100> = false,
        /// What is known of its line.
        network "network": NetworkFile = false,
        /// Where incidents are told: mail addresses or URLs.
        contacts "contacts": OneOrMany<String> = false,
        /// First day under this name.
        since "since": NaiveDate = false,
        /// Last day under this name.
        until "until": NaiveDate = false,
        /// The site that took its place.
        succeeded_by "succeeded_by": SiteId = false,
    }
}
written! {
    /// One face of a site.
    ScreenFile {
        /// Its name at the site.
        id "id": ScreenId = true,
        /// Width in pixels.
        width "width": Int<16, 16384> = true,
        /// Height in pixels.
        height "height": Int<16, 16384> = true,
        /// Where it lies in the machine's output; its own size at 0, 0 unless given.
        canvas "canvas": CanvasFile = false,
        /// Whether it sounds; true for the first screen, false for the others unless given.
        audio "audio": bool = false,
        /// `same-as-<screen>`: it copies that screen.
        same_as "loop": SameAs = false,
    }
}
written! {
    /// The machine's output and the face's corner in it, in pixels.
    CanvasFile {
        /// Width of the output.
        w "w": Int<16, 32768> = true,
        /// Height of the output.
        h "h": Int<16, 32768> = true,
        /// Left edge of the face.
        x "x": Int<0, 32768> = true,
        /// Upper edge of the face.
        y "y": Int<0, 32768> = true,
    }
}
written! {
    /// Opening windows per kind of day; `[]` is closed.
    HoursFile {
        /// Monday to Friday, unless the calendar says otherwise.
        workday "workday": Vec<At<Window>> = true,
        /// Saturday and Sunday, unless the calendar says otherwise.
        weekend "weekend": Vec<At<Window>> = true,
        /// Public holidays.
        holiday "holiday": Vec<At<Window>> = true,
        /// Make-up workdays; as `workday` unless given.
        makeup "makeup": Vec<At<Window>> = false,
    }
}
written! {
    /// A playlist's part of a site's time.
    ShareFile {
        /// The playlist's id.
        playlist "playlist": PlaylistId = true,
        /// Its part, against those of the others.
        share "share": Int<1, 100> = true,
    }
}
written! {
    /// A site's line.
    NetworkFile {
        /// Usual speed in kbit/s.
        kbit_per_s "kbit_per_s": Int<1, 10_000_000> = false,
        /// Megabytes that a month may cost.
        mb_per_month "mb_per_month": Int<1, 10_000_000> = false,
    }
}
written! {
    /// `calendar/<year>.yaml`: days that differ from their weekday.
    CalendarFile {
        /// The days.
        days "days": Vec<At<DayFile>> = true,
    }
}
written! {
    /// One day, or a stretch of days.
    DayFile {
        /// The day; or `from` and `until`.
        date "date": NaiveDate = false,
        /// First day of a stretch.
        from "from": NaiveDate = false,
        /// Last day of a stretch.
        until "until": NaiveDate = false,
        /// What it counts as.
        kind "kind": DayKind = true,
        /// What people call it, by language.
        name "name": NamesFile = false,
    }
}
written! {
    /// `playlists/<period>/<id>.yaml`: an ordered choice of slides of one agency.
    PlaylistFile {
        /// Title for people.
        title "title": String = true,
        /// Who owns it.
        agency "agency": AgencyId = true,
        /// Raised to approve withdrawn bytes again; 1 unless given.
        revision "revision": Int<1, 1_000_000> = false,
        /// The entries in order.
        entries "entries": Vec<At<EntryFile>> = true,
    }
}
written! {
    /// One entry: a slide or a pattern of slides, and when it plays.
    EntryFile {
        /// A slide's file below `slides/`.
        slide "slide": String = false,
        /// A pattern of files below `slides/`, in the order of their names; `**` crosses folders.
        slides "slides": String = false,
        /// Weekdays and kinds of day; any unless given.
        days "days": Vec<At<DaySelector>> = false,
        /// Windows; all opening hours unless given.
        times "times": Vec<At<Window>> = false,
        /// First day, inclusive.
        from "from": NaiveDate = false,
        /// Last day, inclusive.
        until "until": NaiveDate = false,
        /// How often a loop shows it; 1 unless given.
        weight "weight": Int<1, 20> = false,
        /// The screens that show it; all unless given.
        screens "screens": Vec<At<ScreenId>> = false,
    }
}
written! {
    /// The front matter of a slide. A translation may set only title, duration and media.
    SlideFile {
        /// Title.
        title "title": String = false,
        /// Who supplied it and answers for it.
        agency "agency": AgencyId = false,
        /// Its category.
        category "category": String = false,
        /// A layout of the theme.
        layout "layout": String = false,
        /// How long it stands; reading time or the video's length unless given.
        duration "duration": Length = false,
        /// First and last day on which it may be shown.
        valid "valid": ValidFile = false,
        /// Picture beside the slide.
        image "image": String = false,
        /// Video beside the slide.
        video "video": String = false,
        /// Sound beside the slide.
        audio "audio": String = false,
        /// CSV file beside the slide, its first row the header.
        table "table": String = false,
        /// Still picture of the video.
        poster "poster": String = false,
        /// WebVTT file of the video.
        captions "captions": String = false,
        /// Line under the title.
        subtitle "subtitle": String = false,
        /// Text of the picture.
        caption "caption": String = false,
        /// Who made the picture or video.
        credit "credit": String = false,
        /// Source of a quotation.
        cite "cite": String = false,
        /// Number of a notice.
        number "number": String = false,
        /// Date of a notice, as it is to be shown.
        date "date": String = false,
        /// Place of a notice or picture.
        place "place": String = false,
        /// What the picture shows, for those who can't see it.
        alt "alt": String = false,
    }
}
written! {
    /// First and last day, inclusive, local.
    ValidFile {
        /// First day.
        from "from": NaiveDate = false,
        /// Last day.
        until "until": NaiveDate = false,
    }
}
written! {
    /// `theme.yaml`: a theme's name and its layouts.
    ThemeFile {
        /// Its name by language.
        name "name": NamesFile = true,
        /// Layout → keys of the front matter.
        layouts "layouts": Map<String, LayoutFile> = true,
    }
}
written! {
    /// The keys that a layout needs and takes, beside title, agency, category, layout, duration, valid.
    LayoutFile {
        /// Keys that must be set.
        needs "needs": Vec<At<String>> = true,
        /// Keys that may be set.
        takes "takes": Vec<At<String>> = true,
    }
}

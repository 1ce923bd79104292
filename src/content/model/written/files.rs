//! The keys of every content file.
//! Never holds a rule beyond the kind of each value.

use chrono::NaiveDate;
use schemars::{Schema, SchemaGenerator};

use super::collect::{
    FileFaults, FromYaml, NameMap, OneOrMany, Spanned, map_entries, misspelt_keys, object_schema, present_keys, read_field, yaml_struct,
};
use super::leaves::{BoundedInt, Centimetres, DurationMs, Reference, SameAs};
use crate::base::ids::{AgencyId, Language, PlaylistId, RoleId, ScreenId, SiteId};
use crate::base::terms::ProgramKind;
use crate::base::zone::TimeZone;
use crate::content::model::values::{DayKind, DaySelector, Focus, TimeWindow};
use crate::content::source::text::TextSpan;
use crate::content::source::yaml::YamlNode;

/// A text in several languages.
pub type NamesFile = NameMap<Language, String>;
/// `agencies.yaml`: id → agency.
pub type AgenciesFile = NameMap<AgencyId, AgencyFile>;

yaml_struct! {
    /// `bangtin.yaml`: what holds for the whole installation.
    SettingsFile {
        /// Name of the installation by language.
        name "name": NamesFile = true,
        /// One IANA time zone for all sites.
        time_zone "time_zone": TimeZone = true,
        /// Languages of the content; the first is that of files without a suffix.
        languages "languages": Vec<Spanned<Reference<Language>>> = true,
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
yaml_struct! {
    /// The approval policy.
    ApprovalFile {
        /// Role → what it may approve.
        roles "roles": NameMap<RoleId, RoleFile> = true,
        /// Kind of program → roles that have to approve it.
        requires "requires": RequiresFile = true,
    }
}
yaml_struct! {
    /// What one reviewers' role may do.
    RoleFile "{threshold: 1, kinds: [monthly, evergreen]}" {
        /// How many distinct keys must sign; 1 unless given.
        threshold "threshold": BoundedInt<1, 20> = false,
        /// The sites that it covers; all unless given.
        sites "sites": Vec<Spanned<Reference<SiteId>>> = false,
        /// The kinds of program that it covers.
        kinds "kinds": Vec<Spanned<ProgramKind>> = true,
        /// Merge = approval: a job of the continuous integration may sign for this role; false unless given.
        by_merge "by_merge": bool = false,
    }
}
yaml_struct! {
    /// Roles that each kind of program needs.
    RequiresFile "{monthly: [chief], evergreen: [chief], urgent: [duty], kit: [chief]}" {
        /// Programs of a month.
        monthly "monthly": Vec<Spanned<Reference<RoleId>>> = true,
        /// Evergreen programs.
        evergreen "evergreen": Vec<Spanned<Reference<RoleId>>> = true,
        /// Urgent programs.
        urgent "urgent": Vec<Spanned<Reference<RoleId>>> = true,
        /// Kits.
        kit "kit": Vec<Spanned<Reference<RoleId>>> = true,
        /// Exceptions: site → kind → roles, in place of the lists above.
        sites "sites": NameMap<Reference<SiteId>, NameMap<ProgramKind, Vec<Spanned<Reference<RoleId>>>>> = false,
    }
}
yaml_struct! {
    /// A body that supplies content and answers for it.
    AgencyFile "{name: {vi: \"…\"}, kind: department}" {
        /// Its name by language.
        name "name": NamesFile = true,
        /// What kind of body: `department`, `district`, `broadcaster` …
        kind "kind": String = true,
        /// Reviewers' roles that approve what it owns.
        roles "roles": Vec<Spanned<Reference<RoleId>>> = false,
        /// First day under this name.
        since "since": NaiveDate = false,
        /// Last day under this name.
        until "until": NaiveDate = false,
        /// The agency that took over.
        succeeded_by "succeeded_by": Reference<AgencyId> = false,
    }
}
yaml_struct! {
    /// `sites/<site>.yaml`: a place with screens and opening hours.
    SiteFile {
        /// Its name by language.
        name "name": NamesFile = true,
        /// The agency that runs it.
        operator "operator": Reference<AgencyId> = true,
        /// Languages shown here; all unless given.
        languages "languages": Vec<Spanned<Reference<Language>>> = false,
        /// Its faces.
        screens "screens": Vec<Spanned<ScreenFile>> = true,
        /// From where its faces are read; each screen may have its own.
        viewing "viewing": ViewingFile = false,
        /// Opening hours per kind of day.
        hours "hours": HoursFile = true,
        /// How much of its time each playlist gets.
        shares "shares": Vec<Spanned<ShareFile>> = true,
        /// Loudness in percent; 100 unless given.
        volume "volume": BoundedInt<0, 100> = false,
        /// What is known of its line.
        network "network": NetworkFile = false,
        /// Where incidents are told: mail addresses or URLs.
        contacts "contacts": OneOrMany<String> = false,
        /// First day under this name.
        since "since": NaiveDate = false,
        /// Last day under this name.
        until "until": NaiveDate = false,
        /// The site that took its place.
        succeeded_by "succeeded_by": Reference<SiteId> = false,
    }
}
yaml_struct! {
    /// One face of a site.
    ScreenFile "{id: a, width: 1920, height: 1080}" {
        /// Its name at the site.
        id "id": ScreenId = true,
        /// Width in pixels.
        width "width": BoundedInt<16, 16384> = true,
        /// Height in pixels.
        height "height": BoundedInt<16, 16384> = true,
        /// Where it lies in the machine's output; its own size at 0, 0 unless given.
        canvas "canvas": CanvasFile = false,
        /// Whether it sounds; true for the first screen, false for the others unless given.
        audio "audio": bool = false,
        /// `same-as-<screen>`: it copies that screen.
        same_as "loop": SameAs = false,
        /// From where it is read; that of the site unless given.
        viewing "viewing": ViewingFile = false,
    }
}
yaml_struct! {
    /// From where a face is read: letters are to be so high that they can be read from there.
    ViewingFile "{distance: 25m, height: 3m}" {
        /// The distance, as 25m.
        distance "distance": Centimetres = true,
        /// Height of the face, as 3m.
        height "height": Centimetres = true,
    }
}
yaml_struct! {
    /// The machine's output and the face's corner in it, in pixels.
    CanvasFile "{w: 1920, h: 1080, x: 0, y: 0}" {
        /// Width of the output.
        w "w": BoundedInt<16, 32768> = true,
        /// Height of the output.
        h "h": BoundedInt<16, 32768> = true,
        /// Left edge of the face.
        x "x": BoundedInt<0, 32768> = true,
        /// Upper edge of the face.
        y "y": BoundedInt<0, 32768> = true,
    }
}
yaml_struct! {
    /// Opening windows per kind of day; `[]` is closed.
    HoursFile "{workday: [07:30-11:00], weekend: [], holiday: []}" {
        /// Monday to Friday, unless the calendar says otherwise.
        workday "workday": Vec<Spanned<TimeWindow>> = true,
        /// Saturday and Sunday, unless the calendar says otherwise.
        weekend "weekend": Vec<Spanned<TimeWindow>> = true,
        /// Public holidays.
        holiday "holiday": Vec<Spanned<TimeWindow>> = true,
        /// Make-up workdays; as `workday` unless given.
        makeup "makeup": Vec<Spanned<TimeWindow>> = false,
    }
}
yaml_struct! {
    /// A playlist's part of a site's time.
    ShareFile "{playlist: province, share: 3}" {
        /// The playlist's id.
        playlist "playlist": Reference<PlaylistId> = true,
        /// Its part, against those of the others.
        share "share": BoundedInt<1, 100> = true,
    }
}
yaml_struct! {
    /// A site's line.
    NetworkFile "{kbit_per_s: 2000, mb_per_month: 5000}" {
        /// Usual speed in kbit/s.
        kbit_per_s "kbit_per_s": BoundedInt<1, 10_000_000> = false,
        /// Megabytes that a month may cost.
        mb_per_month "mb_per_month": BoundedInt<1, 10_000_000> = false,
    }
}
yaml_struct! {
    /// `calendar/<year>.yaml`: days that differ from their weekday.
    CalendarFile {
        /// The days.
        days "days": Vec<Spanned<DayFile>> = true,
    }
}
yaml_struct! {
    /// One day, or a stretch of days.
    DayFile "{date: 2026-09-02, kind: holiday}" {
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
yaml_struct! {
    /// `playlists/<period>/<id>.yaml`: an ordered choice of slides of one agency.
    PlaylistFile {
        /// Title for people.
        title "title": String = true,
        /// Who owns it.
        agency "agency": Reference<AgencyId> = true,
        /// Raised to approve withdrawn bytes again; 1 unless given.
        revision "revision": BoundedInt<1, 1_000_000> = false,
        /// The entries in order.
        entries "entries": Vec<Spanned<EntryFile>> = true,
    }
}
yaml_struct! {
    /// One entry: a slide or a pattern of slides, and when it plays.
    EntryFile "{slide: du-lich/thac.md}" {
        /// A slide's file below `slides/`.
        slide "slide": String = false,
        /// A pattern of files below `slides/`, in the order of their names; `**` crosses folders.
        slides "slides": String = false,
        /// Weekdays and kinds of day; any unless given.
        days "days": Vec<Spanned<DaySelector>> = false,
        /// Windows; all opening hours unless given.
        times "times": Vec<Spanned<TimeWindow>> = false,
        /// First day, inclusive.
        from "from": NaiveDate = false,
        /// Last day, inclusive.
        until "until": NaiveDate = false,
        /// How often a loop shows it; 1 unless given.
        weight "weight": BoundedInt<1, 20> = false,
        /// The screens that show it; all unless given.
        screens "screens": Vec<Spanned<Reference<ScreenId>>> = false,
    }
}
yaml_struct! {
    /// The front matter of a slide. A translation may set only title, duration and media.
    SlideFile {
        /// Title.
        title "title": String = false,
        /// Who supplied it and answers for it.
        agency "agency": Reference<AgencyId> = false,
        /// Its category.
        category "category": String = false,
        /// A layout of the theme.
        layout "layout": String = false,
        /// How long it stands; reading time or the film's length unless given.
        duration "duration": DurationMs = false,
        /// First and last day on which it may be shown.
        valid "valid": ValidFile = false,
        /// Raised by one to show it again after a withdrawal.
        revision "revision": BoundedInt<1, 1_000_000> = false,
        /// Picture beside the slide.
        image "image": String = false,
        /// The point of the picture that stays in view where a layout cuts it: a word, or percent across and down; 50% 25% unless given.
        focus "focus": Focus = false,
        /// Film beside the slide.
        video "video": String = false,
        /// Sound beside the slide.
        audio "audio": String = false,
        /// CSV file beside the slide, its first row the header.
        table "table": String = false,
        /// Most rows of the table on a screen; 8 unless given. A longer table is split over several slides.
        rows "rows": BoundedInt<1, 30> = false,
        /// Still picture of the film.
        poster "poster": String = false,
        /// WebVTT file of the film.
        captions "captions": String = false,
        /// Line under the title.
        subtitle "subtitle": String = false,
        /// Text of the picture.
        caption "caption": String = false,
        /// Who made the picture or film.
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
yaml_struct! {
    /// First and last day, inclusive, local.
    ValidFile "{from: 2026-12-01, until: 2026-12-31}" {
        /// First day.
        from "from": NaiveDate = false,
        /// Last day.
        until "until": NaiveDate = false,
    }
}
yaml_struct! {
    /// `theme.yaml`: a theme's name and its layouts.
    ThemeFile {
        /// Its name by language.
        name "name": NamesFile = true,
        /// Layout → keys of the front matter.
        layouts "layouts": NameMap<String, LayoutFile> = true,
    }
}
yaml_struct! {
    /// The keys that a layout needs and takes, beside title, agency, category, layout, duration, valid.
    LayoutFile "{needs: [image], takes: [caption]}" {
        /// Its name for people, by language.
        name "name": NamesFile = false,
        /// Keys that must be set.
        needs "needs": Vec<Spanned<String>> = true,
        /// Keys that may be set.
        takes "takes": Vec<Spanned<String>> = true,
    }
}

